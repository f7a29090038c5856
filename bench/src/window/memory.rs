//! Memory of a tree of processes, as the kernel shares it out (PSS): what several hold together
//! counts once.

use anyhow::Context as _;

/// Mebibytes by process, the program itself first.
pub(crate) fn of_tree(process: u32) -> anyhow::Result<Vec<(String, f64)>> {
    let rollup = std::fs::read_to_string(format!("/proc/{process}/smaps_rollup"))?;
    let pss = rollup.lines().find_map(|line| line.strip_prefix("Pss:")).context("no PSS")?;
    let kib: f64 = pss.split_whitespace().next().context("no PSS")?.parse()?;
    let name = std::fs::read_to_string(format!("/proc/{process}/comm"))?.trim().to_owned();
    let mut all = vec![(name, kib / 1024.0)];
    for task in std::fs::read_dir(format!("/proc/{process}/task"))? {
        let children = std::fs::read_to_string(task?.path().join("children"))?;
        for child in children.split_whitespace() {
            all.extend(of_tree(child.parse()?)?);
        }
    }
    Ok(all)
}
