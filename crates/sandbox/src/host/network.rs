use wasmtime::component::types::ComponentItem;
use wasmtime::component::{Component, HasSelf, Linker, Resource, ResourceType};
use wasmtime::{Result, bail};

use super::bindings::Guest;
use super::bindings::wasi::sockets::network::{ErrorCode, IpAddress, IpAddressFamily};
use super::bindings::wasi::sockets::{
    instance_network, ip_name_lookup, network, tcp, tcp_create_socket, udp, udp_create_socket,
};
use super::resources::{InputStream, Network, NoSocket, OutputStream, Pollable};
use super::state::Host;

/// Gives the linker everything that a guest may import.
pub(crate) fn add_to_linker(linker: &mut Linker<Host>, component: &Component) -> Result<()> {
    linker.allow_shadowing(true);
    Guest::add_to_linker::<_, HasSelf<Host>>(linker, |host| host)?;
    add_socket_methods(linker, component)
}

/// Standard libraries import every method of sockets, which no guest can ever call, as it gets no
/// socket: any type will do.
fn add_socket_methods(linker: &mut Linker<Host>, component: &Component) -> Result<()> {
    let engine = linker.engine().clone();
    for (name, item) in component.component_type().imports(&engine) {
        let is_socket =
            name.starts_with("wasi:sockets/tcp@") || name.starts_with("wasi:sockets/udp@");
        let ComponentItem::ComponentInstance(interface) = item.ty else {
            continue;
        };
        if !is_socket {
            continue;
        }
        let mut instance = linker.instance(name)?;
        for (name, item) in interface.exports(&engine) {
            match item.ty {
                ComponentItem::ComponentFunc(_) => {
                    instance.func_new(name, |_, _, _, _| bail!("there are no sockets"))?;
                }
                ComponentItem::Resource(_) => {
                    instance.resource(name, resource(name), |_, _| Ok(()))?;
                }
                _ => {}
            }
        }
    }
    Ok(())
}

/// The resource of that name in an interface of sockets: its own, or one that it uses of another.
fn resource(name: &str) -> ResourceType {
    match name {
        "network" => ResourceType::host::<Network>(),
        "pollable" => ResourceType::host::<Pollable>(),
        "input-stream" => ResourceType::host::<InputStream>(),
        "output-stream" => ResourceType::host::<OutputStream>(),
        _ => ResourceType::host::<NoSocket>(),
    }
}

impl network::Host for Host {}

impl network::HostNetwork for Host {
    fn drop(&mut self, network: Resource<Network>) -> Result<()> {
        self.table.delete(network)?;
        Ok(())
    }
}

impl instance_network::Host for Host {
    fn instance_network(&mut self) -> Result<Resource<Network>> {
        Ok(self.table.push(Network)?)
    }
}

impl ip_name_lookup::Host for Host {
    fn resolve_addresses(
        &mut self,
        _network: Resource<Network>,
        _name: String,
    ) -> Result<Result<Resource<ip_name_lookup::ResolveAddressStream>, ErrorCode>> {
        Ok(Err(ErrorCode::AccessDenied))
    }
}

impl ip_name_lookup::HostResolveAddressStream for Host {
    fn resolve_next_address(
        &mut self,
        _stream: Resource<ip_name_lookup::ResolveAddressStream>,
    ) -> Result<Result<Option<IpAddress>, ErrorCode>> {
        Ok(Err(ErrorCode::AccessDenied))
    }

    fn subscribe(
        &mut self,
        _stream: Resource<ip_name_lookup::ResolveAddressStream>,
    ) -> Result<Resource<Pollable>> {
        Ok(self.table.push(Pollable::Ready)?)
    }

    fn drop(&mut self, stream: Resource<ip_name_lookup::ResolveAddressStream>) -> Result<()> {
        self.table.delete(stream)?;
        Ok(())
    }
}

impl tcp::Host for Host {}

impl tcp::HostTcpSocket for Host {
    fn drop(&mut self, socket: Resource<NoSocket>) -> Result<()> {
        self.table.delete(socket)?;
        Ok(())
    }
}

impl tcp_create_socket::Host for Host {
    fn create_tcp_socket(
        &mut self,
        _family: IpAddressFamily,
    ) -> Result<Result<Resource<NoSocket>, ErrorCode>> {
        Ok(Err(ErrorCode::AccessDenied))
    }
}

impl udp::Host for Host {}

impl udp::HostUdpSocket for Host {
    fn drop(&mut self, socket: Resource<NoSocket>) -> Result<()> {
        self.table.delete(socket)?;
        Ok(())
    }
}

impl udp_create_socket::Host for Host {
    fn create_udp_socket(
        &mut self,
        _family: IpAddressFamily,
    ) -> Result<Result<Resource<NoSocket>, ErrorCode>> {
        Ok(Err(ErrorCode::AccessDenied))
    }
}
