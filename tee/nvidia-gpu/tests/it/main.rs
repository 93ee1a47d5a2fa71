//! Verification of NVIDIA devices and manifests: forged ones, each with one deviation, and recorded
//! ones.

#[cfg(test)]
mod details;
#[cfg(test)]
mod device;
#[cfg(test)]
mod golden;
#[cfg(test)]
mod machine;
#[cfg(test)]
mod manifest;
#[cfg(test)]
mod mixed;
#[cfg(test)]
mod signed_form;
#[cfg(test)]
mod support;
#[cfg(test)]
mod vectors;
