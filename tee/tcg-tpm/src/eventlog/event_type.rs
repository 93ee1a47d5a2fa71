use std::fmt;

/// The type of an event (TCG PC Client Platform Firmware Profile 1.06, table 27).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventType(pub u32);

impl EventType {
    /// Says something and extends nothing.
    pub const NO_ACTION: Self = Self(3);
    /// The border between firmware and what it starts.
    pub const SEPARATOR: Self = Self(4);

    const ACTION: Self = Self(5);
    const S_CRTM_VERSION: Self = Self(8);
    const TABLE_OF_DEVICES: Self = Self(0xB);
    const VARIABLE_DRIVER_CONFIG: Self = Self(0x8000_0001);
    const VARIABLE_BOOT: Self = Self(0x8000_0002);
    const GPT_EVENT: Self = Self(0x8000_0006);
    const EFI_ACTION: Self = Self(0x8000_0007);
    const VARIABLE_BOOT2: Self = Self(0x8000_000C);
    const VARIABLE_AUTHORITY: Self = Self(0x8000_00E0);

    /// Whether the digest is over the event's data, all of it. `EV_EVENT_TAG` is none of them: what
    /// Linux logs under it is a remark on the load options or the initrd that it measured.
    #[must_use]
    pub const fn digest_is_of_data(self) -> bool {
        matches!(
            self,
            Self::SEPARATOR
                | Self::ACTION
                | Self::S_CRTM_VERSION
                | Self::TABLE_OF_DEVICES
                | Self::VARIABLE_DRIVER_CONFIG
                | Self::GPT_EVENT
                | Self::EFI_ACTION
        )
    }

    /// Whether the data is a `UEFI_VARIABLE_DATA`.
    #[must_use]
    pub const fn is_variable(self) -> bool {
        matches!(
            self,
            Self::VARIABLE_DRIVER_CONFIG
                | Self::VARIABLE_BOOT
                | Self::VARIABLE_BOOT2
                | Self::VARIABLE_AUTHORITY
        )
    }

    const fn name(self) -> Option<&'static str> {
        Some(match self.0 {
            0 => "EV_PREBOOT_CERT",
            1 => "EV_POST_CODE",
            3 => "EV_NO_ACTION",
            4 => "EV_SEPARATOR",
            5 => "EV_ACTION",
            6 => "EV_EVENT_TAG",
            7 => "EV_S_CRTM_CONTENTS",
            8 => "EV_S_CRTM_VERSION",
            9 => "EV_CPU_MICROCODE",
            0xA => "EV_PLATFORM_CONFIG_FLAGS",
            0xB => "EV_TABLE_OF_DEVICES",
            0xC => "EV_COMPACT_HASH",
            0xD => "EV_IPL",
            0xE => "EV_IPL_PARTITION_DATA",
            0xF => "EV_NONHOST_CODE",
            0x10 => "EV_NONHOST_CONFIG",
            0x11 => "EV_NONHOST_INFO",
            0x12 => "EV_OMIT_BOOT_DEVICE_EVENTS",
            0x13 => "EV_POST_CODE2",
            0x8000_0001 => "EV_EFI_VARIABLE_DRIVER_CONFIG",
            0x8000_0002 => "EV_EFI_VARIABLE_BOOT",
            0x8000_0003 => "EV_EFI_BOOT_SERVICES_APPLICATION",
            0x8000_0004 => "EV_EFI_BOOT_SERVICES_DRIVER",
            0x8000_0005 => "EV_EFI_RUNTIME_SERVICES_DRIVER",
            0x8000_0006 => "EV_EFI_GPT_EVENT",
            0x8000_0007 => "EV_EFI_ACTION",
            0x8000_0008 => "EV_EFI_PLATFORM_FIRMWARE_BLOB",
            0x8000_0009 => "EV_EFI_HANDOFF_TABLES",
            0x8000_000A => "EV_EFI_PLATFORM_FIRMWARE_BLOB2",
            0x8000_000B => "EV_EFI_HANDOFF_TABLES2",
            0x8000_000C => "EV_EFI_VARIABLE_BOOT2",
            0x8000_000D => "EV_EFI_GPT_EVENT2",
            0x8000_0010 => "EV_EFI_HCRTM_EVENT",
            0x8000_00E0 => "EV_EFI_VARIABLE_AUTHORITY",
            0x8000_00E1 => "EV_EFI_SPDM_FIRMWARE_BLOB",
            0x8000_00E2 => "EV_EFI_SPDM_FIRMWARE_CONFIG",
            _ => return None,
        })
    }
}

impl fmt::Display for EventType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "{:#010x}", self.0),
        }
    }
}
