//! `pishkhan-server`: runs the centre and carries out the administrator's orders.

mod cli;

fn main() -> anyhow::Result<std::process::ExitCode> {
    cli::run()
}
