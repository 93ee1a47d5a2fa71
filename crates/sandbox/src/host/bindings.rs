//! Traits and types generated from `wit/guest.wit`, and from the interface that it shares with
//! guests' authors.

use super::errors::{FsError, StreamError};

wasmtime::component::bindgen!({
    path: ["../../specs/wit/enclave.wit", "wit/guest.wit"],
    world: "adyton:sandbox/guest",
    imports: { default: trappable },
    trappable_error_type: {
        "wasi:io/streams.stream-error" => StreamError,
        "wasi:filesystem/types.error-code" => FsError,
    },
    with: {
        "adyton:enclave/oblivious-map.map": super::resources::ObliviousMap,
        "wasi:io/error.error": super::resources::IoError,
        "wasi:io/poll.pollable": super::resources::Pollable,
        "wasi:io/streams.input-stream": super::resources::InputStream,
        "wasi:io/streams.output-stream": super::resources::OutputStream,
        "wasi:filesystem/types.descriptor": super::resources::Descriptor,
        "wasi:filesystem/types.directory-entry-stream": super::resources::DirectoryStream,
        "wasi:sockets/network.network": super::resources::Network,
        "wasi:sockets/tcp.tcp-socket": super::resources::NoSocket,
        "wasi:sockets/udp.udp-socket": super::resources::NoSocket,
    },
});
