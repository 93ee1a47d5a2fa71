//! Headers and events with one deviation each, and the names that are shown.

use super::*;

/// A header of these banks, as firmware writes it.
fn header(register: u32, kind: u32, digest: u8, banks: &[(u16, u16)]) -> Vec<u8> {
    let mut data = b"Spec ID Event03\0".to_vec();
    data.extend([0, 0, 0, 0, 0, 2, 0, 2]);
    data.extend(u32::try_from(banks.len()).unwrap().to_le_bytes());
    for (id, size) in banks {
        data.extend(id.to_le_bytes());
        data.extend(size.to_le_bytes());
    }
    data.push(0);
    let mut log = register.to_le_bytes().to_vec();
    log.extend(kind.to_le_bytes());
    log.extend([digest; 20]);
    log.extend(u32::try_from(data.len()).unwrap().to_le_bytes());
    log.extend(data);
    log
}

fn field(log: &[u8]) -> Option<&'static str> {
    match EventLog::parse(log) {
        Ok(_) => None,
        Err(EventLogError::Header { field, .. }) => Some(field),
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn a_header_is_of_its_form() {
    const SHA: (u16, u16) = (0x000b, 32);
    assert_eq!(field(&header(0, 3, 0, &[SHA])), None);
    assert_eq!(field(&header(1, 3, 0, &[SHA])), None);
    assert_eq!(field(&header(2, 3, 0, &[SHA])), Some("pcrIndex"));
    assert_eq!(field(&header(0, 4, 0, &[SHA])), Some("eventType"));
    assert_eq!(field(&header(0, 3, 1, &[SHA])), Some("digest"));
    let banks = |count: u16| -> Vec<(u16, u16)> { (0..count).map(|n| (0x100 + n, 32)).collect() };
    let count = "numberOfAlgorithms";
    assert_eq!(field(&header(0, 3, 0, &banks(8))), None);
    for wrong in [0, 9, 10] {
        assert_eq!(
            field(&header(0, 3, 0, &banks(wrong))),
            Some(count),
            "{wrong}"
        );
    }
    for (id, size, right) in [
        (0x0004, 20, true),
        (0x0004, 32, false),
        (0x000b, 20, false),
        (0x000c, 48, true),
        // Of a hash that is not known here.
        (0x0100, 1, true),
        (0x0100, 64, true),
        (0x0100, 65, false),
        (0x0100, 66, false),
        (0x0100, 0, false),
    ] {
        let expected = (!right).then_some("digestSize");
        assert_eq!(
            field(&header(0, 3, 0, &[(id, size)])),
            expected,
            "{id:#x} of {size}"
        );
    }
    assert_eq!(field(&header(0, 3, 0, &[SHA, SHA])), Some("algorithmId"));
    // The vendor's bytes: their number, the last byte of a header without any, and as many.
    let vendor = |bytes: &[u8]| {
        let mut log = header(0, 3, 0, &[SHA]);
        log.pop();
        log.extend(bytes);
        let size = u32::try_from(log.len() - 32).unwrap();
        log[28..32].copy_from_slice(&size.to_le_bytes());
        EventLog::parse(&log).is_ok()
    };
    assert!(vendor(&[0]) && vendor(&[1, 7]) && vendor(&[3, 7, 8, 9]));
    assert!(!vendor(&[2, 7]) && !vendor(&[1, 7, 8]) && !vendor(&[0, 7]));
}

#[test]
fn an_event_has_each_bank_of_the_header_once() {
    let event = |digests: &[(u16, usize)]| {
        let mut log = header(0, 3, 0, &[(0x000b, 32), (0x000c, 48)]);
        log.extend([4, 0, 0, 0, 4, 0, 0, 0]);
        log.extend(u32::try_from(digests.len()).unwrap().to_le_bytes());
        for (bank, size) in digests {
            log.extend(bank.to_le_bytes());
            log.extend(vec![7; *size]);
        }
        log.extend([0; 4]);
        EventLog::parse(&log).map(|log| log.events()[0].digests.len())
    };
    assert_eq!(event(&[(0x000b, 32), (0x000c, 48)]), Ok(2));
    assert_eq!(event(&[(0x000c, 48)]), Ok(1));
    for (wrong, bank) in [
        (&[(0x000b, 32), (0x000b, 32)][..], 0x000b),
        (&[(0x000d, 64)], 0x000d),
    ] {
        let error = event(wrong).unwrap_err();
        let at = header(0, 3, 0, &[(0x000b, 32), (0x000c, 48)]).len();
        assert_eq!(error, EventLogError::ForeignDigest { at, bank });
    }
}

#[test]
fn events_and_provenances_have_their_names() {
    for (id, name) in [
        (0, "EV_PREBOOT_CERT"),
        (1, "EV_POST_CODE"),
        (3, "EV_NO_ACTION"),
        (4, "EV_SEPARATOR"),
        (5, "EV_ACTION"),
        (6, "EV_EVENT_TAG"),
        (7, "EV_S_CRTM_CONTENTS"),
        (8, "EV_S_CRTM_VERSION"),
        (9, "EV_CPU_MICROCODE"),
        (0xA, "EV_PLATFORM_CONFIG_FLAGS"),
        (0xB, "EV_TABLE_OF_DEVICES"),
        (0xC, "EV_COMPACT_HASH"),
        (0xD, "EV_IPL"),
        (0xE, "EV_IPL_PARTITION_DATA"),
        (0xF, "EV_NONHOST_CODE"),
        (0x10, "EV_NONHOST_CONFIG"),
        (0x11, "EV_NONHOST_INFO"),
        (0x12, "EV_OMIT_BOOT_DEVICE_EVENTS"),
        (0x13, "EV_POST_CODE2"),
        (0x8000_0001, "EV_EFI_VARIABLE_DRIVER_CONFIG"),
        (0x8000_0002, "EV_EFI_VARIABLE_BOOT"),
        (0x8000_0003, "EV_EFI_BOOT_SERVICES_APPLICATION"),
        (0x8000_0004, "EV_EFI_BOOT_SERVICES_DRIVER"),
        (0x8000_0005, "EV_EFI_RUNTIME_SERVICES_DRIVER"),
        (0x8000_0006, "EV_EFI_GPT_EVENT"),
        (0x8000_0007, "EV_EFI_ACTION"),
        (0x8000_0008, "EV_EFI_PLATFORM_FIRMWARE_BLOB"),
        (0x8000_0009, "EV_EFI_HANDOFF_TABLES"),
        (0x8000_000A, "EV_EFI_PLATFORM_FIRMWARE_BLOB2"),
        (0x8000_000B, "EV_EFI_HANDOFF_TABLES2"),
        (0x8000_000C, "EV_EFI_VARIABLE_BOOT2"),
        (0x8000_000D, "EV_EFI_GPT_EVENT2"),
        (0x8000_0010, "EV_EFI_HCRTM_EVENT"),
        (0x8000_00E0, "EV_EFI_VARIABLE_AUTHORITY"),
        (0x8000_00E1, "EV_EFI_SPDM_FIRMWARE_BLOB"),
        (0x8000_00E2, "EV_EFI_SPDM_FIRMWARE_CONFIG"),
        (0x8000_0011, "0x80000011"),
    ] {
        assert_eq!(EventType(id).to_string(), name);
    }
    let variables = (0..0x20)
        .chain(0x8000_0000..0x8000_0100)
        .filter(|id| EventType(*id).is_variable());
    let expected = [0x8000_0001, 0x8000_0002, 0x8000_000c, 0x8000_00e0];
    assert_eq!(variables.collect::<Vec<u32>>(), expected);
    let names = [
        Provenance::Data,
        Provenance::VariableContents,
        Provenance::Opaque,
    ];
    let names = names.map(Provenance::as_str);
    assert_eq!(names, ["data", "variable-contents", "opaque"]);
}

/// A separator may be over the number 1, and no other event may be over anything but its data.
#[test]
fn only_an_error_separator_is_over_another_number() {
    let error = 1_u32.to_le_bytes();
    let over = |kind: u32, measured: &[u8]| {
        let log = log().event_over(4, kind, measured, b"what went wrong");
        replay(&log, Registers::Tpm).map(|replayed| replayed.value(4).is_some())
    };
    assert_eq!(over(4, &error), Ok(true));
    for (kind, measured) in [(4, &[2, 0, 0, 0]), (5, &error), (8, &error)] {
        let refused = over(kind, measured).unwrap_err();
        assert!(
            matches!(refused, EventLogError::Digest { .. }),
            "{kind}: {refused}"
        );
    }
}
