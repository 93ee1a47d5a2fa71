use wasmtime::component::Resource;
use wasmtime::{Error, Result};

use super::bindings::wasi::cli::{
    environment, exit, stderr, stdin, stdout, terminal_input, terminal_output, terminal_stderr,
    terminal_stdin, terminal_stdout,
};
use super::errors::Exit;
use super::resources::{InputStream, OutputStream};
use super::state::Host;

impl environment::Host for Host {
    fn get_environment(&mut self) -> Result<Vec<(String, String)>> {
        Ok(self.env.clone())
    }

    fn get_arguments(&mut self) -> Result<Vec<String>> {
        Ok(self.args.clone())
    }

    fn initial_cwd(&mut self) -> Result<Option<String>> {
        Ok(Some("/".to_owned()))
    }
}

impl exit::Host for Host {
    fn exit(&mut self, status: Result<(), ()>) -> Result<()> {
        let code = u8::from(status.is_err());
        Err(Error::new(Exit { code }))
    }

    fn exit_with_code(&mut self, code: u8) -> Result<()> {
        Err(Error::new(Exit { code }))
    }
}

impl stdin::Host for Host {
    fn get_stdin(&mut self) -> Result<Resource<InputStream>> {
        Ok(self.table.push(InputStream::Empty)?)
    }
}

impl stdout::Host for Host {
    fn get_stdout(&mut self) -> Result<Resource<OutputStream>> {
        Ok(self.table.push(standard_output(self.stdout))?)
    }
}

impl stderr::Host for Host {
    fn get_stderr(&mut self) -> Result<Resource<OutputStream>> {
        Ok(self.table.push(standard_output(self.stderr))?)
    }
}

fn standard_output(output: Option<usize>) -> OutputStream {
    output.map_or(OutputStream::Dropped, |output| OutputStream::Append {
        output,
    })
}

impl terminal_input::Host for Host {}

impl terminal_input::HostTerminalInput for Host {
    fn drop(&mut self, terminal: Resource<terminal_input::TerminalInput>) -> Result<()> {
        self.table.delete(terminal)?;
        Ok(())
    }
}

impl terminal_output::Host for Host {}

impl terminal_output::HostTerminalOutput for Host {
    fn drop(&mut self, terminal: Resource<terminal_output::TerminalOutput>) -> Result<()> {
        self.table.delete(terminal)?;
        Ok(())
    }
}

impl terminal_stdin::Host for Host {
    fn get_terminal_stdin(&mut self) -> Result<Option<Resource<terminal_input::TerminalInput>>> {
        Ok(None)
    }
}

impl terminal_stdout::Host for Host {
    fn get_terminal_stdout(&mut self) -> Result<Option<Resource<terminal_output::TerminalOutput>>> {
        Ok(None)
    }
}

impl terminal_stderr::Host for Host {
    fn get_terminal_stderr(&mut self) -> Result<Option<Resource<terminal_output::TerminalOutput>>> {
        Ok(None)
    }
}
