/// How a device is tied into confidential machines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mode {
    /// One GPU for one machine.
    SinglePassthrough,
    /// Several GPUs for one machine, NVLink encrypted.
    MultiPassthrough,
    /// Several GPUs and the switches between them; what is on PCIe is encrypted, NVLink is not.
    ProtectedPcie,
    /// Firmware that does not say, and is not in protected PCIe mode.
    Unstated,
}
