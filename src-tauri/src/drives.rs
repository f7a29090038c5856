//! `courier_places`: sticks that are plugged in, as the system mounts them.
//!
//! Invariant: nothing is opened and nothing is written; a stick that is missing here can still be
//! named by its path.

use pishkhan_ipc::courier::CourierPlace;

/// Places that a file can be carried on.
pub(crate) fn places() -> Vec<CourierPlace> {
    #[cfg(windows)]
    return letters(|root| std::path::Path::new(root).is_dir());
    #[cfg(not(windows))]
    return mounted(&std::fs::read_to_string("/proc/mounts").unwrap_or_default());
}

/// Where desktops mount what is plugged in.
#[cfg(any(not(windows), test))]
const FOLDERS: [&str; 3] = ["/media/", "/run/media/", "/mnt/"];

/// Those among the mounts of the system, written as `/proc/mounts` writes them.
#[cfg(any(not(windows), test))]
fn mounted(mounts: &str) -> Vec<CourierPlace> {
    let mut places: Vec<CourierPlace> = mounts
        .lines()
        .filter_map(|line| {
            let mut fields = line.split(' ');
            let device = fields.next().filter(|device| device.starts_with("/dev/"));
            device.and_then(|_| fields.next())
        })
        .map(unescaped)
        .filter(|path| FOLDERS.iter().any(|folder| path.starts_with(folder)))
        .map(|path| {
            let name = path.rsplit('/').next().unwrap_or_default().to_owned();
            CourierPlace { path, name }
        })
        .collect();
    places.sort_by(|a, b| a.path.cmp(&b.path));
    places.dedup();
    places
}

/// A blank, a tab, a line feed and a backslash stand there as three octal digits.
#[cfg(any(not(windows), test))]
fn unescaped(field: &str) -> String {
    let escapes = [("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")];
    escapes.iter().fold(field.to_owned(), |text, (from, to)| text.replace(from, to))
}

/// Drives by letter; A and B were floppy disks, and C is the system's.
#[cfg(any(windows, test))]
fn letters(is_there: impl Fn(&str) -> bool) -> Vec<CourierPlace> {
    ('D'..='Z')
        .map(|letter| format!("{letter}:\\"))
        .filter(|root| is_there(root))
        .map(|root| CourierPlace { name: root.trim_end_matches('\\').to_owned(), path: root })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stick_is_found_where_desktops_mount_it_and_nothing_else_is() {
        let mounts = "/dev/sda1 / ext4 rw 0 0\n\
                      /dev/sdb1 /media/operator/USB\\040DISK vfat rw 0 0\n\
                      /dev/sdc1 /run/media/operator/PEYK exfat rw 0 0\n\
                      tmpfs /run/user/1000 tmpfs rw 0 0\n\
                      tools /mnt/tools tmpfs ro 0 0\n\
                      /dev/sdb1 /media/operator/USB\\040DISK vfat rw 0 0\n";
        let found: Vec<_> =
            mounted(mounts).into_iter().map(|place| (place.path, place.name)).collect();
        let wanted =
            [("/media/operator/USB DISK", "USB DISK"), ("/run/media/operator/PEYK", "PEYK")];
        assert_eq!(found, wanted.map(|(path, name)| (path.to_owned(), name.to_owned())));
    }

    #[test]
    fn drives_have_letters_after_the_system_s() {
        let found = letters(|root| root == "E:\\" || root == "C:\\");
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].path.as_str(), found[0].name.as_str()), ("E:\\", "E:"));
    }
}
