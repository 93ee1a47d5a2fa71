use std::fmt;

use super::portable::Portable;
use super::vector::{Line, Task};
#[cfg(target_arch = "x86_64")]
use super::x86::{self, Avx2, Avx512};

/// Which instructions a [`KernelSet`] uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KernelKind {
    /// 512-bit vectors with mask registers.
    Avx512,
    /// 256-bit vectors.
    Avx2,
    /// Plain 64-bit words, for every processor.
    Portable,
}

impl KernelKind {
    /// All, the fastest first.
    pub const ALL: [Self; 3] = [Self::Avx512, Self::Avx2, Self::Portable];

    /// The name in reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Avx512 => "avx512",
            Self::Avx2 => "avx2",
            Self::Portable => "portable",
        }
    }
}

impl fmt::Display for KernelKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Having one tells you that this processor has the instructions. The choice is public.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KernelSet(KernelKind);

impl KernelSet {
    /// The fastest that this processor can run.
    #[must_use]
    pub fn best() -> Self {
        KernelKind::ALL
            .into_iter()
            .find_map(Self::of)
            .unwrap_or(Self(KernelKind::Portable))
    }

    /// That kind, if this processor can run it.
    #[must_use]
    pub fn of(kind: KernelKind) -> Option<Self> {
        available(kind).then_some(Self(kind))
    }

    /// Which it is.
    #[must_use]
    pub const fn kind(self) -> KernelKind {
        self.0
    }

    #[inline]
    pub(crate) fn run<T: Task>(self, task: T) -> T::Out {
        run(self.0, task)
    }
}

#[cfg(target_arch = "x86_64")]
fn available(kind: KernelKind) -> bool {
    match kind {
        KernelKind::Avx512 => x86::has_avx512(),
        KernelKind::Avx2 => x86::has_avx2(),
        KernelKind::Portable => true,
    }
}

#[cfg(not(target_arch = "x86_64"))]
fn available(kind: KernelKind) -> bool {
    kind == KernelKind::Portable
}

#[cfg(target_arch = "x86_64")]
#[inline]
fn run<T: Task>(kind: KernelKind, task: T) -> T::Out {
    match kind {
        // SAFETY: a `KernelSet` of this kind is made only where the processor has the features.
        KernelKind::Avx512 => unsafe { run_avx512(task) },
        // SAFETY: as above.
        KernelKind::Avx2 => unsafe { run_avx2(task) },
        KernelKind::Portable => run_portable(task),
    }
}

#[cfg(not(target_arch = "x86_64"))]
fn run<T: Task>(_: KernelKind, task: T) -> T::Out {
    run_portable(task)
}

#[cfg(target_arch = "x86_64")]
#[unsafe(link_section = "oblivious_text")]
#[inline(never)]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512cd,bmi1,bmi2,lzcnt,popcnt")]
fn run_avx512<T: Task>(task: T) -> T::Out {
    // SAFETY: this function has the features.
    let kernel = unsafe { Avx512::new() };
    task.run(kernel)
}

#[cfg(target_arch = "x86_64")]
#[unsafe(link_section = "oblivious_text")]
#[inline(never)]
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
fn run_avx2<T: Task>(task: T) -> T::Out {
    // SAFETY: this function has the features.
    let kernel = unsafe { Avx2::new() };
    task.run(kernel)
}

#[unsafe(link_section = "oblivious_text")]
#[inline(never)]
fn run_portable<T: Task>(task: T) -> T::Out {
    task.run(Portable)
}

/// Asks for a line that will be read soon. The address must be public; it need not be mapped.
#[inline(always)]
pub(crate) fn prefetch(lines: &[Line], at: usize) {
    ask(lines.as_ptr().wrapping_add(at));
}

#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn ask(at: *const Line) {
    x86::prefetch(at);
}

#[cfg(not(target_arch = "x86_64"))]
#[inline(always)]
fn ask(_: *const Line) {}
