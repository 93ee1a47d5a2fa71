use std::cell::Cell;
use std::ffi::c_void;
use std::io;
use std::mem::MaybeUninit;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::{self, Result as Caught};

use adyton_types::ErrorClass;
use thiserror::Error;

use crate::secret_region::{SecretMemoryError, SecretRegion};
use crate::sys::{page_size, whole_pages};

/// Bytes of the alternate signal stack: wasmtime brings its own, in ordinary memory, unless it
/// finds one of at least 256 KiB.
const SIGNAL_STACK_BYTES: usize = 256 << 10;

/// Why nothing ran on a secret stack.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SecretThreadError {
    /// No memory for the stack.
    #[error(transparent)]
    Memory(#[from] SecretMemoryError),
    /// The thread could not be made.
    #[error("a thread on a secret stack could not be started")]
    Start(#[source] io::Error),
}

impl SecretThreadError {
    /// Whose fault it is.
    #[must_use]
    pub const fn class(&self) -> ErrorClass {
        match self {
            Self::Memory(error) => error.class(),
            Self::Start(_) => ErrorClass::Unavailable,
        }
    }
}

/// Runs `work` on a thread whose stack, thread-local variables and alternate signal stack all lie
/// in secret memory, and waits for its value. A panic goes on in the caller.
///
/// `stack_bytes` is what `work` may use; pages cost nothing until they are touched.
///
/// # Errors
/// If there is no secret memory for the stack, or no thread to be had.
pub fn run_on_secret_stack<T, F>(stack_bytes: usize, work: F) -> Result<T, SecretThreadError>
where
    F: FnOnce() -> T + Send,
    T: Send,
{
    let stack = Stack::map(stack_bytes)?;
    let mut job = Job {
        work: Some(work),
        result: None,
        signal_stack: stack.signal_stack(),
        done: AtomicU32::new(0),
    };
    let job_ptr = &raw mut job;
    let thread = stack.spawn(entry::<T, F>, job_ptr.cast())?;
    // SAFETY: the job lives until the join below; the word is atomic.
    sleep_until_set(unsafe { &(*job_ptr).done });
    join(thread);
    match job.result {
        Some(Ok(value)) => Ok(value),
        Some(Err(panic)) => resume_unwind(panic),
        // The thread has ended without either: it called pthread_exit.
        None => Err(SecretThreadError::Start(io::ErrorKind::Interrupted.into())),
    }
}

struct Job<T, F> {
    work: Option<F>,
    result: Option<Caught<T>>,
    signal_stack: libc::stack_t,
    done: AtomicU32,
}

thread_local! {
    static ON_SECRET_STACK: Cell<bool> = const { Cell::new(false) };
}

/// Whether the calling thread was started by [`run_on_secret_stack`].
pub(crate) fn is_on_secret_stack() -> bool {
    ON_SECRET_STACK.get()
}

/// How many threads sleep in [`sleep_until_set`], or are about to and do nothing else.
static SLEEPERS: AtomicU32 = AtomicU32::new(0);

/// Waits until the main thread sleeps for its secret thread and touches no memory meanwhile.
pub(crate) fn wait_for_sleeper() -> io::Result<()> {
    loop {
        if SLEEPERS.load(Ordering::Acquire) == 1 {
            // Of a process the kernel shows the main thread's state, behind its bracketed name.
            let stat = std::fs::read_to_string("/proc/self/stat")?;
            if stat
                .rsplit(')')
                .next()
                .is_some_and(|rest| rest.starts_with(" S"))
            {
                return Ok(());
            }
        }
        thread::yield_now();
    }
}

/// Sleeps in the kernel until the word is not zero: by the bare system call, so that nothing but
/// the kernel stands between announcing the sleep and sleeping.
fn sleep_until_set(word: &AtomicU32) {
    SLEEPERS.fetch_add(1, Ordering::AcqRel);
    while word.load(Ordering::Acquire) == 0 {
        let wait = libc::FUTEX_WAIT | libc::FUTEX_PRIVATE_FLAG;
        let no_limit = std::ptr::null::<libc::timespec>();
        // SAFETY: the word outlives the call.
        unsafe { libc::syscall(libc::SYS_futex, word.as_ptr(), wait, 0, no_limit) };
    }
    SLEEPERS.fetch_sub(1, Ordering::AcqRel);
}

fn set(word: &AtomicU32) {
    word.store(1, Ordering::Release);
    let wake = libc::FUTEX_WAKE | libc::FUTEX_PRIVATE_FLAG;
    // SAFETY: the kernel takes the word's address as a name only; the word may be gone by now.
    unsafe { libc::syscall(libc::SYS_futex, word.as_ptr(), wake, 1) };
}

/// Joins a thread that has done its work and is about to end.
///
/// pthread_join(3) would wait on a futex in the thread's descriptor that is shared between
/// processes, and the kernel can make no such futex of secret memory.
fn join(thread: libc::pthread_t) {
    // SAFETY: the thread was made joinable, and this is the only place that joins it.
    while unsafe { libc::pthread_tryjoin_np(thread, std::ptr::null_mut()) } == libc::EBUSY {
        thread::yield_now();
    }
}

extern "C" fn entry<T, F: FnOnce() -> T>(job: *mut c_void) -> *mut c_void {
    let job = job.cast::<Job<T, F>>();
    // SAFETY: the spawner passes its job, which outlives this thread, and reads nothing of it but `done` until that is set.
    let work = unsafe { &mut (*job).work };
    // SAFETY: as above.
    let result = unsafe { &mut (*job).result };
    // SAFETY: as above.
    let signal_stack = unsafe { &(*job).signal_stack };
    // SAFETY: as above, and the word is atomic.
    let done = unsafe { &(*job).done };
    // SAFETY: the signal stack is unused memory of this thread's own region.
    unsafe { libc::sigaltstack(std::ptr::from_ref(signal_stack), std::ptr::null_mut()) };
    ON_SECRET_STACK.set(true);
    if let Some(work) = work.take() {
        *result = Some(catch_unwind(AssertUnwindSafe(work)));
    }
    set(done);
    std::ptr::null_mut()
}

/// One region: guard page, signal stack, guard page, stack.
struct Stack {
    region: SecretRegion,
    bytes: usize,
}

impl Stack {
    fn map(bytes: usize) -> Result<Self, SecretMemoryError> {
        // The C library puts its thread descriptor and all static thread-local variables on it too.
        let bytes = whole_pages(bytes.saturating_add(64 << 10));
        let page = page_size();
        let region = SecretRegion::new(bytes.saturating_add(2 * page + SIGNAL_STACK_BYTES))?;
        region.forbid(0, page)?;
        region.forbid(page + SIGNAL_STACK_BYTES, page)?;
        Ok(Self { region, bytes })
    }

    fn signal_stack(&self) -> libc::stack_t {
        // SAFETY: one page into the region, which is larger.
        let start = unsafe { self.region.base().add(page_size()) };
        libc::stack_t {
            ss_sp: start.as_ptr().cast(),
            ss_flags: 0,
            ss_size: SIGNAL_STACK_BYTES,
        }
    }

    fn spawn(
        &self,
        entry: extern "C" fn(*mut c_void) -> *mut c_void,
        job: *mut c_void,
    ) -> Result<libc::pthread_t, SecretThreadError> {
        let mut attributes = MaybeUninit::<libc::pthread_attr_t>::uninit();
        // SAFETY: initialises `attributes`, which outlives the call.
        started(unsafe { libc::pthread_attr_init(attributes.as_mut_ptr()) })?;
        let offset = self.region.capacity() - self.bytes;
        // SAFETY: the stack is the region's last part.
        let base = unsafe { self.region.base().add(offset) };
        // SAFETY: `attributes` is initialised; the stack is unused and outlives the thread.
        started(unsafe {
            libc::pthread_attr_setstack(attributes.as_mut_ptr(), base.as_ptr().cast(), self.bytes)
        })?;
        let mut thread = MaybeUninit::uninit();
        // SAFETY: all pointers outlive the call, and `job` outlives the thread.
        started(unsafe {
            libc::pthread_create(thread.as_mut_ptr(), attributes.as_ptr(), entry, job)
        })?;
        // SAFETY: pthread_create succeeded, so it has written the thread's id.
        Ok(unsafe { thread.assume_init() })
    }
}

fn started(code: i32) -> Result<(), SecretThreadError> {
    if code == 0 {
        Ok(())
    } else {
        Err(SecretThreadError::Start(io::Error::from_raw_os_error(code)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_value_comes_back_and_panics_go_on() {
        let text = String::from("borrowed");
        let length = run_on_secret_stack(1 << 20, || text.len()).unwrap();
        assert_eq!(length, 8);
        let panicked = catch_unwind(|| run_on_secret_stack(1 << 20, || panic!("as asked")));
        assert!(panicked.is_err());
    }

    #[test]
    fn the_whole_stack_can_be_used() {
        fn deep(n: usize) -> usize {
            let frame = std::hint::black_box([n; 256]);
            if n == 0 {
                0
            } else {
                deep(n - 1) + frame[1] / n
            }
        }
        assert_eq!(run_on_secret_stack(1 << 20, || deep(100)).unwrap(), 100);
    }
}
