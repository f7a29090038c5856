//! `pishkhan-server`: runs the centre and carries out the administrator's orders.

mod cli;

/// A batch is some hundred thousand small pieces of memory, taken by one thread and left by another.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> anyhow::Result<std::process::ExitCode> {
    cli::run()
}
