//! What the TCB is worth.

use adyton_tee_intel_dcap::TcbStatus;
use adyton_tee_intel_dcap::forge::IntelForge;
use serde_json::{Value, json};

use super::{Deviations, all, refused_by};

pub(super) const DEVIATIONS: &[Deviations] = &[
    (
        IntelForge::tdx,
        &[
            ("platform-tcb-level", |f| f.platform.components[15] = 1),
            ("platform-tcb-level", |f| f.platform.pce_svn = 4),
            ("platform-tcb-level", |f| f.quote.put_body(2, &[1])),
            ("tcb-revoked", |f| f.platform.components[15] = 3),
            ("tcb-revoked", |f| f.platform.pce_svn = 10),
            ("tdx-module", |f| f.quote.put_body(64, &[1])),
            ("tdx-module", |f| f.quote.put_body(112, &[1])),
            ("tdx-module", |f| f.quote.put_body(1, &[9])),
            ("tdx-module", |f| {
                let identity = &mut f.tcb_info["tdxModuleIdentities"][0];
                identity["attributesMask"] = json!("FFFFFFFFFFFFFF00");
                f.quote.put_body(119, &[1]);
            }),
            ("tdx-module-tcb-level", |f| f.quote.put_body(0, &[1])),
            ("tcb-revoked", |f| f.quote.put_body(0, &[2])),
        ],
    ),
    (
        IntelForge::tdx15,
        &[
            ("tdx-current-tcb", |f| f.quote.put_body(584, &[1])),
            ("tdx-current-tcb", |f| f.quote.put_body(585, &[9])),
            ("tdx-current-tcb", |f| f.quote.put_body(586, &[1])),
            ("tcb-revoked", |f| f.quote.put_body(584, &[2])),
            // The longest body has the TCB of now, too.
            ("tdx-current-tcb", |f| {
                f.quote.descriptor = Some((4, 885));
                f.quote.body.resize(885, 0);
                f.quote.put_body(584, &[1]);
            }),
        ],
    ),
];

#[test]
fn tcb_of_the_platform() {
    all(DEVIATIONS);
}

fn status(forge: &IntelForge) -> (TcbStatus, Vec<String>) {
    let tcb = forge.verify().expect("a good quote").into_claims().tcb;
    (tcb.status, tcb.advisories)
}

#[test]
fn statuses_converge() {
    let mut forge = IntelForge::tdx();
    forge.quote.put_qe(258, &[3]);
    let qe = (TcbStatus::OutOfDate, vec!["INTEL-SA-00615".to_owned()]);
    assert_eq!(status(&forge), qe, "the QE alone");
    forge.quote.put_body(0, &[4]);
    let all = ["INTEL-SA-01036", "INTEL-SA-00615"]
        .map(str::to_owned)
        .to_vec();
    assert_eq!(status(&forge), (TcbStatus::OutOfDate, all), "module and QE");
    forge.tcb_info["tcbLevels"][0]["tcbStatus"] = json!("ConfigurationNeeded");
    assert_eq!(status(&forge).0, TcbStatus::OutOfDateConfigurationNeeded);
    let mut forge = IntelForge::sgx();
    forge.platform.components[3] = 4;
    let claims = forge.verify().unwrap().into_claims();
    assert_eq!(claims.tcb.status, TcbStatus::OutOfDate);
    assert_eq!(
        claims.tcb.date.to_string(),
        "2024-03-13T00:00:00Z",
        "the oldest"
    );
}

#[test]
fn a_td_on_a_tcb_that_was_updated_is_to_be_launched_anew() {
    let mut forge = IntelForge::tdx15();
    forge.quote.put_body(0, &[3]);
    let claims = forge.verify().unwrap().into_claims();
    assert_eq!(claims.tcb.status, TcbStatus::TdRelaunchAdvised);
    assert_eq!(claims.tcb.current.unwrap().status, TcbStatus::UpToDate);
    forge.quote.put_body(584, &[3]);
    assert_eq!(status(&forge).0, TcbStatus::OutOfDate, "not updated");
}

#[test]
fn levels_are_sorted_here() {
    let mut forge = IntelForge::tdx();
    let levels = forge.tcb_info["tcbLevels"].as_array_mut().unwrap();
    levels.reverse();
    let modules = forge.tcb_info["tdxModuleIdentities"][0]["tcbLevels"].as_array_mut();
    modules.unwrap().reverse();
    forge.qe_identity["tcbLevels"]
        .as_array_mut()
        .unwrap()
        .reverse();
    assert_eq!(status(&forge).0, TcbStatus::UpToDate);
}

#[test]
fn a_module_without_identity_is_judged_by_components() {
    let mut forge = IntelForge::tdx();
    forge.quote.put_body(1, &[0]);
    assert_eq!(
        refused_by(&forge),
        "platform-tcb-level",
        "component 1 counts"
    );
    for level in forge.tcb_info["tcbLevels"].as_array_mut().unwrap() {
        level["tcb"]["tdxtcbcomponents"][1]["svn"] = json!(0);
    }
    assert_eq!(status(&forge).0, TcbStatus::UpToDate);
}

/// An update of the module that keeps TDs running, to an older one.
#[test]
fn a_tcb_that_is_worse_than_at_the_launch_counts_with_its_advisories() {
    let mut forge = IntelForge::tdx15();
    forge.quote.put_body(584, &[3]);
    let tcb = forge.verify().unwrap().into_claims().tcb;
    assert_eq!(tcb.status, TcbStatus::OutOfDate);
    assert_eq!(tcb.advisories, ["INTEL-SA-01036"]);
    assert_eq!(tcb.date.to_string(), "2024-03-13T00:00:00Z");
    // And the platform's own components, by which other levels are met.
    let mut forge = IntelForge::tdx15();
    forge.quote.put_body(586, &[4]);
    assert_eq!(
        status(&forge),
        (TcbStatus::OutOfDate, vec!["INTEL-SA-00837".to_owned()])
    );
}

#[test]
fn what_is_to_be_launched_anew_may_have_to_be_configured() {
    let mut forge = IntelForge::tdx15();
    forge.quote.put_body(0, &[3]);
    forge.tcb_info["tcbLevels"][0]["tcbStatus"] = json!("ConfigurationNeeded");
    assert_eq!(
        status(&forge).0,
        TcbStatus::TdRelaunchAdvisedConfigurationNeeded
    );
    // A quoting enclave that is out of date is so now: to launch anew would not mend it.
    forge.quote.put_qe(258, &[3]);
    assert_eq!(status(&forge).0, TcbStatus::OutOfDateConfigurationNeeded);
}

/// Components 0 and 1 of the levels say nothing of a module that has an identity of its own.
#[test]
fn the_modules_own_components_are_left_to_its_identity() {
    let mut forge = IntelForge::tdx();
    for level in forge.tcb_info["tcbLevels"].as_array_mut().unwrap() {
        for component in 0..2 {
            level["tcb"]["tdxtcbcomponents"][component]["svn"] = json!(255);
        }
    }
    assert_eq!(status(&forge).0, TcbStatus::UpToDate);
    for level in forge.tcb_info["tcbLevels"].as_array_mut().unwrap() {
        level["tcb"]["tdxtcbcomponents"][2]["svn"] = json!(6);
    }
    assert_eq!(
        refused_by(&forge),
        "platform-tcb-level",
        "component 2 counts"
    );
}

/// Components first, one after the other, then PCESVN, then the components of TDX.
#[test]
fn of_levels_that_are_met_the_highest_counts() {
    let which = |lower: Value, higher: Value| {
        let mut forge = IntelForge::tdx();
        let levels = &mut forge.tcb_info["tcbLevels"];
        levels.as_array_mut().unwrap().truncate(2);
        let mut of = |at: usize, status: &str, change: &Value| {
            let level = &mut levels[at];
            level["tcbStatus"] = json!(status);
            level["tcb"] = json!({
                "sgxtcbcomponents": vec![json!({ "svn": 1 }); 16],
                "pcesvn": 3,
                "tdxtcbcomponents": vec![json!({ "svn": 1 }); 16],
            });
            for (path, value) in change.as_object().unwrap() {
                *level["tcb"].pointer_mut(path).unwrap() = value.clone();
            }
        };
        of(0, "UpToDate", &lower);
        of(1, "ConfigurationNeeded", &higher);
        status(&forge).0
    };
    let (sgx, sgx_last) = ("/sgxtcbcomponents/0/svn", "/sgxtcbcomponents/15/svn");
    let (pce, tdx) = ("/pcesvn", "/tdxtcbcomponents/2/svn");
    for (lower, higher) in [
        (json!({ sgx_last: 5 }), json!({ sgx: 2 })),
        (json!({ pce: 11 }), json!({ sgx_last: 2 })),
        (json!({ tdx: 5 }), json!({ pce: 4 })),
        (json!({}), json!({ tdx: 2 })),
    ] {
        let found = which(lower.clone(), higher.clone());
        assert_eq!(found, TcbStatus::ConfigurationNeeded, "{lower} {higher}");
    }
}
