use serde_json::{Value, json};

use crate::IntelTee;

fn zeros(bytes: usize) -> String {
    "00".repeat(bytes)
}

/// Sets a field of an object.
fn set(object: &mut Value, key: &str, value: Value) {
    if let Some(fields) = object.as_object_mut() {
        fields.insert(key.to_owned(), value);
    }
}

fn level(status: &str, date: &str, tcb: &Value, advisories: &[&str]) -> Value {
    json!({ "tcb": tcb, "tcbDate": date, "tcbStatus": status, "advisoryIDs": advisories })
}

/// TCB info with a level that an untouched platform meets, and two below it.
pub(super) fn tcb_info(tee: IntelTee) -> Value {
    let tcb = |svn: u8, pce: u16| {
        let components = vec![json!({ "svn": svn }); 16];
        let mut tcb = json!({ "sgxtcbcomponents": components, "pcesvn": pce });
        if tee == IntelTee::Tdx {
            set(
                &mut tcb,
                "tdxtcbcomponents",
                json!(vec![json!({ "svn": svn }); 16]),
            );
        }
        tcb
    };
    let mut info = json!({
        "id": tee.tcb_info_id(),
        "version": 3,
        "issueDate": "2026-01-20T00:00:00Z",
        "nextUpdate": "2026-02-20T00:00:00Z",
        "fmspc": "B0C06F000000",
        "pceId": "0000",
        "tcbType": 0,
        "tcbEvaluationDataNumber": 18,
        "tcbLevels": [
            level("UpToDate", "2025-08-13T00:00:00Z", &tcb(5, 11), &[]),
            level("OutOfDate", "2024-03-13T00:00:00Z", &tcb(4, 11), &["INTEL-SA-00837"]),
            level("Revoked", "2023-03-13T00:00:00Z", &tcb(2, 5), &["INTEL-SA-00614"]),
        ],
    });
    if tee == IntelTee::Tdx {
        let module = json!({
            "mrsigner": zeros(48), "attributes": zeros(8), "attributesMask": "FF".repeat(8),
        });
        let mut identity = module.clone();
        set(&mut identity, "id", json!("TDX_01"));
        let levels = json!([
            level(
                "UpToDate",
                "2025-08-13T00:00:00Z",
                &json!({ "isvsvn": 5 }),
                &[]
            ),
            level(
                "OutOfDate",
                "2024-03-13T00:00:00Z",
                &json!({ "isvsvn": 3 }),
                &["INTEL-SA-01036"]
            ),
            level(
                "Revoked",
                "2023-03-13T00:00:00Z",
                &json!({ "isvsvn": 2 }),
                &[]
            ),
        ]);
        set(&mut identity, "tcbLevels", levels);
        set(&mut info, "tdxModule", module);
        set(&mut info, "tdxModuleIdentities", json!([identity]));
    }
    info
}

/// Identity of the quoting enclave that an untouched quote comes from.
pub(super) fn qe_identity(tee: IntelTee) -> Value {
    json!({
        "id": tee.qe_identity_id(),
        "version": 2,
        "issueDate": "2026-01-20T00:00:00Z",
        "nextUpdate": "2026-02-20T00:00:00Z",
        "tcbEvaluationDataNumber": 18,
        "miscselect": "00000000",
        "miscselectMask": "FFFFFFFF",
        "attributes": format!("11{}", zeros(15)),
        "attributesMask": format!("FBFFFFFFFFFFFFFF{}", zeros(8)),
        "mrsigner": "DC".repeat(32),
        "isvprodid": 2,
        "tcbLevels": [
            level("UpToDate", "2025-05-14T00:00:00Z", &json!({ "isvsvn": 4 }), &[]),
            level("OutOfDate", "2024-05-14T00:00:00Z", &json!({ "isvsvn": 3 }), &["INTEL-SA-00615"]),
            level("Revoked", "2023-05-14T00:00:00Z", &json!({ "isvsvn": 1 }), &[]),
        ],
    })
}
