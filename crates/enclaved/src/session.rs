use std::fs::File;
use std::io::{Read as _, Write as _};
use std::sync::Arc;

use adyton_attester::read_platform_key;
use adyton_crypto::{os_rng, random};
use adyton_hatch::{Done, FromEnclave, Hatch, OutputFile, Ready, ToEnclave};
use adyton_program::{Bundle, Lifecycle, MAX_BUNDLE_BYTES, Manifest};
use adyton_protocol::{OutputRecord, ReceiptDraft, ReceiptPayload, RunKeys};
use adyton_sandbox::{DEFAULT_STACK_BYTES, Prepared, Program, Sandbox, SandboxConfig, SecretPages};
use adyton_shield::{Enclosed, SecretAlloc, SecretMode, lock_down};
use adyton_tee_software::PlatformKey;
use adyton_types::{Fingerprint, Name, ProgramMeasurement, Protections, TeeKind};

use crate::error::EnclaveError;
use crate::guest::{finished, guest, in_time};
use crate::handed::Handed;
use crate::inputs::{OpenedInput, open_inputs};
use crate::keys::{self, Key, Wanted};
use crate::laps::Laps;
use crate::outputs::SealedOutput;
use crate::witness::Witness;

/// The longest file of compiled code that is read: native code takes some four times the room of
/// the component, which is at most 256 MiB.
const MAX_CODE_BYTES: u64 = 2 << 30;

/// One run, from the descriptors to the receipt. It works on a secret stack, with a secret heap.
pub(crate) struct Session<'a> {
    hatch: &'a Hatch,
    enclosed: &'a Enclosed,
    memory: (&'a SecretAlloc, &'a SecretMode),
    executable: File,
    laps: Laps,
}

/// A measured program, compiled, in an enclave that is locked down.
struct Measured {
    manifest: Manifest,
    prepared: Prepared,
    platform_key: PlatformKey,
    protections: Protections,
    cached: bool,
}

/// This run: its id, its keys, its program.
struct Run {
    id: [u8; 32],
    keys: Arc<RunKeys>,
    program: ProgramMeasurement,
}

impl<'a> Session<'a> {
    pub(crate) const fn new(
        hatch: &'a Hatch,
        enclosed: &'a Enclosed,
        memory: (&'a SecretAlloc, &'a SecretMode),
        executable: File,
        laps: Laps,
    ) -> Self {
        Self {
            hatch,
            enclosed,
            memory,
            executable,
            laps,
        }
    }

    pub(crate) fn run(mut self, mut handed: Handed) -> Result<(), EnclaveError> {
        self.laps.lap("shut in");
        let Measured {
            manifest,
            prepared,
            platform_key,
            protections,
            cached,
        } = self.measure(&mut handed)?;
        let run = self.begin(&manifest, cached)?;
        let wanted = Wanted::new(
            handed.inputs.iter().map(|(input, _)| input),
            manifest.name().clone(),
        );
        let executable = self.executable.try_clone().map_err(EnclaveError::Read)?;
        let mut witness = match handed.tee {
            TeeKind::Software => Witness::software(executable, platform_key, protections),
            kind => Witness::of_the_machine(kind, self.hatch),
        };
        if !handed.inputs.is_empty() {
            witness.prepare()?;
            self.laps.lap("measure the executable");
        }
        let mut lifecycle = Lifecycle::new(&manifest);
        lifecycle.attested(&run.program)?;
        let keys = self.release(&wanted, &run, &mut witness)?;
        for (input, _) in &handed.inputs {
            lifecycle.released(&input.name, &Fingerprint::new(input.broker))?;
        }
        let (inputs, guest_inputs) = open_inputs(handed.inputs, &keys)?;
        self.laps.lap("open inputs");
        let guest = guest(&manifest, guest_inputs, handed.outputs)?;
        lifecycle.started()?;
        self.say(&FromEnclave::Started)?;
        let outcome = prepared.run(guest, || ())?;
        in_time(self.laps.lap("run the program"), &manifest)?;
        let outputs = finished(outcome, &manifest)?;
        lifecycle.exited()?;
        for output in &outputs {
            lifecycle.sealed(&output.name, output.plaintext_size)?;
        }
        let payload = ReceiptPayload {
            run: run.id,
            manifest: manifest.encode(),
            exit: 0,
            host_time: self.laps.after(handed.host_time),
            inputs: inputs
                .into_iter()
                .map(OpenedInput::record)
                .collect::<Result<_, _>>()?,
            outputs: outputs.iter().map(record).collect(),
            releases: keys.into_iter().map(|key| key.proof).collect(),
        };
        let draft = ReceiptDraft::new(&run.keys, &payload)?;
        let receipt = draft.finish(&witness.evidence(&draft.report_data())?);
        lifecycle.receipted()?;
        self.laps.lap("seal and sign");
        self.done(receipt, outputs)
    }

    /// Reads and measures the bundle, compiles it, and locks the process down around it.
    fn measure(&mut self, handed: &mut Handed) -> Result<Measured, EnclaveError> {
        let bytes = read(&mut handed.bundle, MAX_BUNDLE_BYTES)?;
        let bundle = Bundle::parse(&bytes)?;
        compare(bundle.manifest(), handed)?;
        let key_file = handed.platform_key.take();
        let key_file = key_file.expect("a run is measured once");
        let platform_key = read_platform_key(key_file, "platform.key".as_ref())?;
        self.laps.lap("measure the program");
        let pages = Arc::new(SecretPages::new());
        let config = SandboxConfig {
            memory_bytes: bundle.manifest().limits().memory_bytes(),
            stack_bytes: DEFAULT_STACK_BYTES,
            pages: pages.clone(),
        };
        let sandbox = Sandbox::new(config)?;
        let program = Program {
            component: bundle.component(),
            sha384: bundle.manifest().component_sha384(),
        };
        let cache = handed
            .cache_read
            .take()
            .map(|mut file| read(&mut file, MAX_CODE_BYTES))
            .transpose()?;
        let preparation = sandbox.prepare(program, cache, &platform_key.code_key())?;
        if let (Some(code), Some(mut file)) = (&preparation.new_cache, handed.cache_write.take())
            && file.write_all(code).is_err()
        {
            // The disk is full, say: the runner keeps no file that is empty.
            file.set_len(0).map_err(EnclaveError::Read)?;
        }
        drop(handed.cache_write.take());
        pages
            .reserve_for(&preparation.prepared)
            .map_err(EnclaveError::Read)?;
        let (heap, mode) = self.memory;
        if let Some(bytes) = preparation.prepared.heap_bytes() {
            heap.add(mode, bytes)?;
        }
        self.laps.lap("load the code");
        let protections = lock_down(self.enclosed, mode)?;
        let measured = Measured {
            manifest: bundle.into_manifest(),
            cached: preparation.new_cache.is_none(),
            prepared: preparation.prepared,
            platform_key,
            protections,
        };
        self.laps.lap("lock down");
        Ok(measured)
    }

    fn begin(&mut self, manifest: &Manifest, cached: bool) -> Result<Run, EnclaveError> {
        let run = Run {
            id: *random::<32>(&mut os_rng()).expose(),
            keys: RunKeys::generate(&mut os_rng()),
            program: manifest.measurement(),
        };
        self.say(&FromEnclave::Ready(Ready {
            program: *run.program.as_bytes(),
            run: run.id,
            cached,
            pid: std::process::id(),
        }))?;
        self.laps.lap("make the run's keys");
        Ok(run)
    }

    /// Asks the brokers, through the runner, and opens what they answer. Whoever has no inputs asks
    /// nobody.
    fn release(
        &mut self,
        wanted: &Wanted,
        run: &Run,
        witness: &mut Witness<'_>,
    ) -> Result<Vec<Key>, EnclaveError> {
        if wanted.is_empty() {
            return Ok(Vec::new());
        }
        let challenges = match ToEnclave::decode(&self.hatch.receive()?)? {
            ToEnclave::Challenges(challenges) => challenges,
            other => return Err(EnclaveError::out_of_turn("challenges", other.name())),
        };
        self.laps.lap("wait for challenges");
        let asked = wanted.requests(&challenges, &run.keys, run.program, witness)?;
        self.say(&FromEnclave::Requests(
            asked.iter().map(keys::Asked::request).collect(),
        ))?;
        self.laps.lap("attest");
        let answers = match ToEnclave::decode(&self.hatch.receive()?)? {
            ToEnclave::Answers(answers) => answers,
            other => return Err(EnclaveError::out_of_turn("answers", other.name())),
        };
        self.laps.lap("wait for answers");
        let keys = keys::open(&asked, &answers)?;
        self.laps.lap("open answers");
        Ok(keys)
    }

    fn done(self, receipt: Vec<u8>, outputs: Vec<SealedOutput>) -> Result<(), EnclaveError> {
        let output = |output: SealedOutput| OutputFile {
            name: output.name,
            size: output.size,
        };
        let outputs = outputs.into_iter().map(output).collect();
        let message = FromEnclave::Done(Done {
            receipt,
            outputs,
            timings: self.laps.finish(),
        });
        Ok(self.hatch.send(&message.encode())?)
    }

    fn say(&self, message: &FromEnclave) -> Result<(), EnclaveError> {
        Ok(self.hatch.send(&message.encode())?)
    }
}

/// What was handed in is exactly what the manifest declares, from the brokers that it names.
fn compare(manifest: &Manifest, handed: &Handed) -> Result<(), EnclaveError> {
    let declared = manifest.inputs().iter().map(adyton_program::Input::name);
    if !declared.eq(handed.inputs.iter().map(|(input, _)| &input.name)) {
        return Err(EnclaveError::Undeclared { what: "inputs" });
    }
    let declared = manifest.outputs().iter().map(adyton_program::Output::name);
    if !declared.eq(handed.outputs.iter().map(|(name, _)| name)) {
        return Err(EnclaveError::Undeclared { what: "outputs" });
    }
    for (declared, (input, _)) in manifest.inputs().iter().zip(&handed.inputs) {
        let found = Fingerprint::new(input.broker);
        if let Some(expected) = declared.broker()
            && *expected != found
        {
            let input: Name = input.name.clone();
            return Err(EnclaveError::Broker {
                input,
                expected: *expected,
                found,
            });
        }
    }
    Ok(())
}

fn record(output: &SealedOutput) -> OutputRecord {
    OutputRecord {
        name: output.name.clone(),
        sha256: output.digest,
        size: output.size,
    }
}

/// Reads a whole file of at most `limit` bytes.
fn read(file: &mut File, limit: u64) -> Result<Vec<u8>, EnclaveError> {
    let length = file.metadata().map_err(EnclaveError::Read)?.len();
    if length > limit {
        return Err(EnclaveError::TooLong { limit });
    }
    // One allocation of the right size: growing would leave pages behind that were touched.
    let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or(0) + 1);
    file.take(limit)
        .read_to_end(&mut bytes)
        .map_err(EnclaveError::Read)?;
    Ok(bytes)
}
