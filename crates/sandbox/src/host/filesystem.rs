use wasmtime::component::Resource;

use super::bindings::wasi::filesystem::preopens;
use super::bindings::wasi::filesystem::types::{
    self, Advice, DescriptorFlags, DescriptorStat, DescriptorType, DirectoryEntry, ErrorCode,
    MetadataHashValue, NewTimestamp, OpenFlags, PathFlags,
};
use super::errors::FsError;
use super::files::Files;
use super::resources::{Descriptor, DirectoryStream, InputStream, IoError, OutputStream};
use super::state::Host;
use super::tree::{Node, Place, find, resolve};

type FsResult<T> = Result<T, FsError>;

impl Host {
    fn descriptor(&self, descriptor: &Resource<Descriptor>) -> FsResult<Descriptor> {
        Ok(*self.table.get(descriptor)?)
    }

    fn find_at(&self, base: &Resource<Descriptor>, path: &str) -> FsResult<Node> {
        let base = self.descriptor(base)?;
        Ok(find(&self.files, base.node, path)?)
    }

    /// The input behind a descriptor that may be read.
    fn input(&self, descriptor: &Resource<Descriptor>) -> FsResult<usize> {
        let Descriptor { node, readable, .. } = self.descriptor(descriptor)?;
        match node {
            Node::Input(input) if readable => Ok(input),
            Node::Root | Node::In | Node::Out => Err(ErrorCode::IsDirectory.into()),
            // An output is gone when it is written.
            Node::Input(_) | Node::Output(_) => Err(ErrorCode::BadDescriptor.into()),
        }
    }

    /// The output behind a descriptor that may be written.
    fn output(&self, descriptor: &Resource<Descriptor>) -> FsResult<usize> {
        let Descriptor { node, writable, .. } = self.descriptor(descriptor)?;
        match node {
            Node::Output(output) if writable => Ok(output),
            Node::Root | Node::In | Node::Out => Err(ErrorCode::IsDirectory.into()),
            Node::Input(_) | Node::Output(_) => Err(ErrorCode::BadDescriptor.into()),
        }
    }

    /// The refusal to change what is at a path.
    fn refuse_change<T>(&self, base: &Resource<Descriptor>, path: &str) -> FsResult<T> {
        self.find_at(base, path)?;
        Err(ErrorCode::ReadOnly.into())
    }

    /// The refusal to make something at a path.
    fn refuse_creation<T>(&self, base: &Resource<Descriptor>, path: &str) -> FsResult<T> {
        let base = self.descriptor(base)?;
        match resolve(&self.files, base.node, path)? {
            Place::Found(_) => Err(ErrorCode::Exist.into()),
            Place::NotYet(_) | Place::Nothing(_) => Err(ErrorCode::ReadOnly.into()),
        }
    }
}

fn kind(node: Node) -> DescriptorType {
    if node.is_directory() {
        DescriptorType::Directory
    } else {
        DescriptorType::RegularFile
    }
}

fn stat(files: &Files, node: Node) -> DescriptorStat {
    let size = match node {
        Node::Root | Node::In | Node::Out => 0,
        Node::Input(input) => files.inputs[input].size(),
        Node::Output(output) => files.outputs[output].written(),
    };
    DescriptorStat {
        type_: kind(node),
        link_count: 1,
        size,
        data_access_timestamp: None,
        data_modification_timestamp: None,
        status_change_timestamp: None,
    }
}

fn identity(node: Node) -> MetadataHashValue {
    MetadataHashValue {
        lower: node.number(),
        upper: 0,
    }
}

/// Opens what a path leads to.
fn open(
    files: &mut Files,
    place: Place,
    how: OpenFlags,
    access: DescriptorFlags,
) -> Result<Descriptor, ErrorCode> {
    let create = how.contains(OpenFlags::CREATE);
    let node = match place {
        Place::Found(_) if create && how.contains(OpenFlags::EXCLUSIVE) => {
            return Err(ErrorCode::Exist);
        }
        Place::Found(node) => node,
        Place::NotYet(_) | Place::Nothing(_) if !create => return Err(ErrorCode::NoEntry),
        Place::NotYet(output) => Node::Output(output),
        // In `/out` exists what the manifest declares, elsewhere nothing can be made at all.
        Place::Nothing(Node::Out) => return Err(ErrorCode::Access),
        Place::Nothing(_) => return Err(ErrorCode::ReadOnly),
    };
    let changes = how.contains(OpenFlags::TRUNCATE) || access.contains(DescriptorFlags::WRITE);
    if how.contains(OpenFlags::DIRECTORY) && !node.is_directory() {
        return Err(ErrorCode::NotDirectory);
    }
    match node {
        Node::Root | Node::In | Node::Out if changes => return Err(ErrorCode::IsDirectory),
        Node::Input(_) if changes => return Err(ErrorCode::ReadOnly),
        Node::Root | Node::In | Node::Out | Node::Input(_) => {}
        Node::Output(output) => open_output(files, output, how, access)?,
    }
    Ok(Descriptor {
        node,
        readable: !matches!(node, Node::Output(_)),
        writable: matches!(node, Node::Output(_)),
    })
}

/// An output can be opened for writing only (asking for reading too is let pass, as some standard
/// libraries always do; reading then fails), and truncated only while it is empty.
fn open_output(
    files: &mut Files,
    output: usize,
    how: OpenFlags,
    access: DescriptorFlags,
) -> Result<(), ErrorCode> {
    let output = &mut files.outputs[output];
    if !access.contains(DescriptorFlags::WRITE) {
        return Err(ErrorCode::Access);
    }
    if how.contains(OpenFlags::TRUNCATE) && output.written() > 0 {
        return Err(ErrorCode::NotPermitted);
    }
    output.create();
    Ok(())
}

impl types::Host for Host {
    fn convert_error_code(&mut self, error: FsError) -> wasmtime::Result<ErrorCode> {
        match error {
            FsError::Code(code) => Ok(code),
            FsError::Trap(error) => Err(error),
        }
    }

    fn filesystem_error_code(
        &mut self,
        error: Resource<IoError>,
    ) -> wasmtime::Result<Option<ErrorCode>> {
        let IoError(code) = self.table.get(&error)?;
        Ok(Some(*code))
    }
}

impl types::HostDescriptor for Host {
    fn read_via_stream(
        &mut self,
        file: Resource<Descriptor>,
        position: u64,
    ) -> FsResult<Resource<InputStream>> {
        let input = self.input(&file)?;
        Ok(self.table.push(InputStream::File { input, position })?)
    }

    fn write_via_stream(
        &mut self,
        file: Resource<Descriptor>,
        position: u64,
    ) -> FsResult<Resource<OutputStream>> {
        let output = self.output(&file)?;
        Ok(self.table.push(OutputStream::At { output, position })?)
    }

    fn append_via_stream(
        &mut self,
        file: Resource<Descriptor>,
    ) -> FsResult<Resource<OutputStream>> {
        let output = self.output(&file)?;
        Ok(self.table.push(OutputStream::Append { output })?)
    }

    fn advise(
        &mut self,
        file: Resource<Descriptor>,
        _offset: u64,
        _length: u64,
        _advice: Advice,
    ) -> FsResult<()> {
        self.descriptor(&file)?;
        Ok(())
    }

    fn sync_data(&mut self, file: Resource<Descriptor>) -> FsResult<()> {
        self.descriptor(&file)?;
        Ok(())
    }

    fn get_flags(&mut self, file: Resource<Descriptor>) -> FsResult<DescriptorFlags> {
        let file = self.descriptor(&file)?;
        let mut flags = DescriptorFlags::empty();
        if file.readable {
            flags |= DescriptorFlags::READ;
        }
        if file.writable {
            flags |= DescriptorFlags::WRITE;
        }
        Ok(flags)
    }

    fn get_type(&mut self, file: Resource<Descriptor>) -> FsResult<DescriptorType> {
        Ok(kind(self.descriptor(&file)?.node))
    }

    fn set_size(&mut self, file: Resource<Descriptor>, size: u64) -> FsResult<()> {
        let output = self.output(&file)?;
        if size != self.files.outputs[output].written() {
            return Err(ErrorCode::NotPermitted.into());
        }
        Ok(())
    }

    fn set_times(
        &mut self,
        file: Resource<Descriptor>,
        _accessed: NewTimestamp,
        _modified: NewTimestamp,
    ) -> FsResult<()> {
        self.descriptor(&file)?;
        Err(ErrorCode::NotPermitted.into())
    }

    fn read(
        &mut self,
        file: Resource<Descriptor>,
        length: u64,
        offset: u64,
    ) -> FsResult<(Vec<u8>, bool)> {
        let input = self.input(&file)?;
        let input = &mut self.files.inputs[input];
        let bytes = input.read(offset, length)?;
        let end = offset.saturating_add(bytes.len() as u64) >= input.size();
        Ok((bytes, end))
    }

    fn write(&mut self, file: Resource<Descriptor>, bytes: Vec<u8>, offset: u64) -> FsResult<u64> {
        let output = self.output(&file)?;
        self.files.outputs[output].write(&bytes, Some(offset))?;
        Ok(bytes.len() as u64)
    }

    fn read_directory(
        &mut self,
        directory: Resource<Descriptor>,
    ) -> FsResult<Resource<DirectoryStream>> {
        let node = self.descriptor(&directory)?.node;
        if !node.is_directory() {
            return Err(ErrorCode::NotDirectory.into());
        }
        Ok(self.table.push(DirectoryStream { node, next: 0 })?)
    }

    fn sync(&mut self, file: Resource<Descriptor>) -> FsResult<()> {
        self.descriptor(&file)?;
        Ok(())
    }

    fn create_directory_at(&mut self, base: Resource<Descriptor>, path: String) -> FsResult<()> {
        self.refuse_creation(&base, &path)
    }

    fn stat(&mut self, file: Resource<Descriptor>) -> FsResult<DescriptorStat> {
        let node = self.descriptor(&file)?.node;
        Ok(stat(&self.files, node))
    }

    fn stat_at(
        &mut self,
        base: Resource<Descriptor>,
        _flags: PathFlags,
        path: String,
    ) -> FsResult<DescriptorStat> {
        let node = self.find_at(&base, &path)?;
        Ok(stat(&self.files, node))
    }

    fn set_times_at(
        &mut self,
        base: Resource<Descriptor>,
        _flags: PathFlags,
        path: String,
        _accessed: NewTimestamp,
        _modified: NewTimestamp,
    ) -> FsResult<()> {
        self.find_at(&base, &path)?;
        Err(ErrorCode::NotPermitted.into())
    }

    fn link_at(
        &mut self,
        base: Resource<Descriptor>,
        _flags: PathFlags,
        path: String,
        _new_base: Resource<Descriptor>,
        _new_path: String,
    ) -> FsResult<()> {
        self.refuse_change(&base, &path)
    }

    fn open_at(
        &mut self,
        base: Resource<Descriptor>,
        _flags: PathFlags,
        path: String,
        how: OpenFlags,
        access: DescriptorFlags,
    ) -> FsResult<Resource<Descriptor>> {
        let base = self.descriptor(&base)?;
        let place = resolve(&self.files, base.node, &path)?;
        let opened = open(&mut self.files, place, how, access)?;
        Ok(self.table.push(opened)?)
    }

    fn readlink_at(&mut self, base: Resource<Descriptor>, path: String) -> FsResult<String> {
        self.find_at(&base, &path)?;
        Err(ErrorCode::Invalid.into())
    }

    fn remove_directory_at(&mut self, base: Resource<Descriptor>, path: String) -> FsResult<()> {
        self.refuse_change(&base, &path)
    }

    fn rename_at(
        &mut self,
        base: Resource<Descriptor>,
        path: String,
        _new_base: Resource<Descriptor>,
        _new_path: String,
    ) -> FsResult<()> {
        self.refuse_change(&base, &path)
    }

    fn symlink_at(
        &mut self,
        base: Resource<Descriptor>,
        _target: String,
        path: String,
    ) -> FsResult<()> {
        self.refuse_creation(&base, &path)
    }

    fn unlink_file_at(&mut self, base: Resource<Descriptor>, path: String) -> FsResult<()> {
        self.refuse_change(&base, &path)
    }

    fn is_same_object(
        &mut self,
        file: Resource<Descriptor>,
        other: Resource<Descriptor>,
    ) -> wasmtime::Result<bool> {
        Ok(self.table.get(&file)?.node == self.table.get(&other)?.node)
    }

    fn metadata_hash(&mut self, file: Resource<Descriptor>) -> FsResult<MetadataHashValue> {
        Ok(identity(self.descriptor(&file)?.node))
    }

    fn metadata_hash_at(
        &mut self,
        base: Resource<Descriptor>,
        _flags: PathFlags,
        path: String,
    ) -> FsResult<MetadataHashValue> {
        Ok(identity(self.find_at(&base, &path)?))
    }

    fn drop(&mut self, file: Resource<Descriptor>) -> wasmtime::Result<()> {
        self.table.delete(file)?;
        Ok(())
    }
}

impl types::HostDirectoryEntryStream for Host {
    fn read_directory_entry(
        &mut self,
        stream: Resource<DirectoryStream>,
    ) -> FsResult<Option<DirectoryEntry>> {
        let stream = self.table.get_mut(&stream)?;
        while let Some(entry) = stream.node.entry(&self.files, stream.next) {
            stream.next += 1;
            if let Some((node, name)) = entry {
                return Ok(Some(DirectoryEntry {
                    type_: kind(node),
                    name: name.to_owned(),
                }));
            }
        }
        Ok(None)
    }

    fn drop(&mut self, stream: Resource<DirectoryStream>) -> wasmtime::Result<()> {
        self.table.delete(stream)?;
        Ok(())
    }
}

impl preopens::Host for Host {
    /// One directory, `/`: absolute and relative paths then mean the same in every language.
    fn get_directories(&mut self) -> wasmtime::Result<Vec<(Resource<Descriptor>, String)>> {
        let root = self.table.push(Descriptor {
            node: Node::Root,
            readable: true,
            writable: false,
        })?;
        Ok(vec![(root, "/".to_owned())])
    }
}
