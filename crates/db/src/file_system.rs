//! Which file system a database lies on, and how its journal is kept there.
//!
//! A write-ahead log needs memory that all processes share, which no file system gives to processes on several machines.
//! There a rollback journal is used: it needs locks on ranges of a file, and nothing else. Where locks are not kept at
//! all, no database can be shared, and none is opened.

use std::path::Path;

/// How a database writes without losing what it had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Journal {
    /// A write-ahead log: readers and the writer do not wait for each other. For local disks.
    WriteAheadLog,
    /// A rollback journal: a commit waits until no reader reads, and readers wait for a commit. Works wherever files can
    /// be locked.
    Rollback,
}

/// What is known of a file system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileSystem {
    /// On this machine, or of a type that is not known.
    Local,
    /// Shared with other machines, or given by a host to its guest: with locks, without shared memory.
    Shared,
    /// Files of it cannot be locked, or each machine has locks of its own without saying so.
    WithoutLocks,
}

/// How the journal is kept on a file system; `None` where no database is safe.
///
/// ```
/// use han_db::{FileSystem, Journal, journal_for};
///
/// assert_eq!(journal_for(FileSystem::Local), Some(Journal::WriteAheadLog));
/// assert_eq!(journal_for(FileSystem::Shared), Some(Journal::Rollback));
/// assert_eq!(journal_for(FileSystem::WithoutLocks), None);
/// ```
#[must_use]
pub const fn journal_for(file_system: FileSystem) -> Option<Journal> {
    match file_system {
        FileSystem::Local => Some(Journal::WriteAheadLog),
        FileSystem::Shared => Some(Journal::Rollback),
        FileSystem::WithoutLocks => None,
    }
}

/// Object stores and the like as folders: they write whole files, when these are closed.
const WITHOUT_LOCKS: [&str; 14] = [
    "s3fs",
    "goofys",
    "mountpoint-s3",
    "gcsfuse",
    "blobfuse",
    "blobfuse2",
    "rclone",
    "davfs",
    "davfs2",
    "webdav",
    "curlftpfs",
    "ftp",
    "afs",
    "mtpfs",
];

/// Types that are shared with other machines, or with a host.
const SHARED: [&str; 35] = [
    "nfs",
    "nfs3",
    "nfs4",
    "cifs",
    "smb",
    "smb2",
    "smb3",
    "smbfs",
    "smbnetfs",
    "afpfs",
    "9p",
    "drvfs",
    "wslfs",
    "lxfs",
    "vboxsf",
    "vmhgfs",
    "vmhgfs-fuse",
    "prl_fs",
    "virtiofs",
    "sshfs",
    "ceph",
    "ceph-fuse",
    "lustre",
    "glusterfs",
    "beegfs",
    "gpfs",
    "ocfs2",
    "gfs",
    "gfs2",
    "orangefs",
    "coda",
    "ncpfs",
    "panfs",
    "osxfs",
    "grpcfuse",
];

impl FileSystem {
    /// That of a file or folder that exists; one that the system says nothing about is taken for local.
    #[must_use]
    pub fn of(path: &Path) -> Self {
        system::file_system_of(path)
    }

    /// That of a type by its name, as mount tables tell it.
    #[must_use]
    pub fn named(name: &str) -> Self {
        let name = name.to_ascii_lowercase();
        let kind = name.strip_prefix("fuse.").unwrap_or(&name);
        if WITHOUT_LOCKS.contains(&kind) {
            return Self::WithoutLocks;
        }
        // What a program in user space serves need not share memory, wherever its files are. `fuseblk` is a local disk.
        let is_served = name == "fuse"
            || name.starts_with("fuse.")
            || name.contains("fuse-t")
            || name.contains("macfuse");
        if is_served || SHARED.contains(&kind) { Self::Shared } else { Self::Local }
    }
}

#[cfg(any(target_os = "linux", target_os = "android"))]
mod system {
    use super::FileSystem;
    use std::{ffi::CString, fs, mem::MaybeUninit, os::unix::ffi::OsStrExt, path::Path};

    /// Types by the number that `statfs` gives, as in the kernel's `linux/magic.h` and the sources of each.
    pub(super) const TYPES: &[(u32, &str)] = &[
        (0x0000_6969, "nfs"),
        (0xFF53_4D42, "cifs"),
        (0xFE53_4D42, "smb2"),
        (0x0000_517B, "smb"),
        (0x0102_1997, "9p"),
        // WSL 1 reports this for all of its folders, those of Windows included.
        (0x5346_4846, "wslfs"),
        (0x786F_4256, "vboxsf"),
        (0xBACB_ACBC, "vmhgfs"),
        (0x7C7C_6673, "prl_fs"),
        (0x00C3_6400, "ceph"),
        (0x0BD0_0BD0, "lustre"),
        (0x1983_0326, "beegfs"),
        (0x4750_4653, "gpfs"),
        (0x7461_636F, "ocfs2"),
        (0x0116_1970, "gfs2"),
        (0x7375_7245, "coda"),
        (0x0000_564C, "ncpfs"),
        (0xAAD7_AAEA, "panfs"),
        (0x5346_414F, "afs"),
        (0x6B41_4653, "afs"),
        (FUSE, "fuse"),
    ];

    /// What a program in user space serves; the mount table tells which program.
    const FUSE: u32 = 0x6573_5546;

    pub(super) fn file_system_of(path: &Path) -> FileSystem {
        let Some(number) = type_of(path) else { return FileSystem::Local };
        match TYPES.iter().find(|(known, _)| *known == number) {
            None => FileSystem::Local,
            Some((FUSE, name)) => FileSystem::named(&mount_type(path).unwrap_or_else(|| (*name).to_owned())),
            Some((_, name)) => FileSystem::named(name),
        }
    }

    fn type_of(path: &Path) -> Option<u32> {
        let path = CString::new(path.as_os_str().as_bytes()).ok()?;
        let mut status = MaybeUninit::<libc::statfs>::uninit();
        // SAFETY: the path ends with NUL, and `status` has room for what the call writes.
        let result = unsafe { libc::statfs(path.as_ptr(), status.as_mut_ptr()) };
        if result != 0 {
            return None;
        }
        // SAFETY: a call that returned 0 has written all of it.
        let status = unsafe { status.assume_init() };
        // The field is as wide as the platform likes; the numbers have 32 bits.
        Some(status.f_type as u32)
    }

    /// The type in the mount table of the device that a path lies on.
    fn mount_type(path: &Path) -> Option<String> {
        use std::os::unix::fs::MetadataExt;
        let device = fs::metadata(path).ok()?.dev();
        let device = format!("{}:{}", libc::major(device), libc::minor(device));
        type_in_table(&fs::read_to_string("/proc/self/mountinfo").ok()?, &device)
    }

    /// Finds a device, as `major:minor`, in a table of lines `id parent major:minor root point options… - type …`.
    pub(super) fn type_in_table(table: &str, device: &str) -> Option<String> {
        let line = table.lines().find(|line| line.split(' ').nth(2) == Some(device))?;
        let (_, behind) = line.split_once(" - ")?;
        behind.split(' ').next().map(str::to_owned)
    }
}

#[cfg(target_os = "macos")]
mod system {
    use super::FileSystem;
    use std::{
        ffi::{CStr, CString},
        mem::MaybeUninit,
        os::unix::ffi::OsStrExt,
        path::Path,
    };

    pub(super) fn file_system_of(path: &Path) -> FileSystem {
        let Ok(path) = CString::new(path.as_os_str().as_bytes()) else { return FileSystem::Local };
        let mut status = MaybeUninit::<libc::statfs>::uninit();
        // SAFETY: the path ends with NUL, and `status` has room for what the call writes.
        if unsafe { libc::statfs(path.as_ptr(), status.as_mut_ptr()) } != 0 {
            return FileSystem::Local;
        }
        // SAFETY: a call that returned 0 has written all of it.
        let status = unsafe { status.assume_init() };
        // SAFETY: the system ends the name with NUL within the field.
        let name = unsafe { CStr::from_ptr(status.f_fstypename.as_ptr()) };
        match FileSystem::named(&name.to_string_lossy()) {
            FileSystem::Local if status.f_flags & libc::MNT_LOCAL as u32 == 0 => FileSystem::Shared,
            known => known,
        }
    }
}

#[cfg(windows)]
mod system {
    use super::FileSystem;
    use std::path::{Component, Path, Prefix};

    /// A drive of another machine, in the answer of `GetDriveTypeW`.
    const DRIVE_REMOTE: u32 = 4;

    #[link(name = "kernel32")]
    unsafe extern "system" {
        fn GetDriveTypeW(root: *const u16) -> u32;
    }

    pub(super) fn file_system_of(path: &Path) -> FileSystem {
        let Some(Component::Prefix(prefix)) = path.components().next() else { return FileSystem::Local };
        let letter = match prefix.kind() {
            Prefix::UNC(..) | Prefix::VerbatimUNC(..) => return FileSystem::Shared,
            Prefix::Disk(letter) | Prefix::VerbatimDisk(letter) => letter,
            _ => return FileSystem::Local,
        };
        let root = [u16::from(letter), u16::from(b':'), u16::from(b'\\'), 0];
        // SAFETY: the root ends with NUL, and the call only reads it.
        if unsafe { GetDriveTypeW(root.as_ptr()) } == DRIVE_REMOTE {
            FileSystem::Shared
        } else {
            FileSystem::Local
        }
    }
}

#[cfg(not(any(target_os = "linux", target_os = "android", target_os = "macos", windows)))]
mod system {
    use super::FileSystem;
    use std::path::Path;

    pub(super) fn file_system_of(_path: &Path) -> FileSystem {
        FileSystem::Local
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_by_name() {
        for (expected, names) in [
            (FileSystem::Local, "ext4 xfs btrfs zfs tmpfs overlay apfs hfs ntfs fuseblk exfat f2fs bcachefs unknown"),
            (
                FileSystem::Shared,
                "nfs NFS4 cifs smb3 smbfs 9p drvfs wslfs vboxsf vmhgfs prl_fs virtiofs fuse fuse.sshfs fuse.mergerfs
                 fuse.vmhgfs-fuse fuse.glusterfs ceph lustre afpfs macfuse",
            ),
            (FileSystem::WithoutLocks, "fuse.s3fs fuse.rclone fuse.gcsfuse davfs webdav afs fuse.davfs2"),
        ] {
            for name in names.split_whitespace() {
                assert_eq!(FileSystem::named(name), expected, "{name}");
            }
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn every_number_means_a_type_that_is_not_local() {
        for (number, name) in system::TYPES {
            assert_ne!(FileSystem::named(name), FileSystem::Local, "{number:#x} {name}");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_device_is_found_in_the_mount_table() {
        let table = "22 1 254:0 / / rw,relatime - ext4 /dev/vda rw\n\
                     36 22 0:31 / /mnt/a\\040b rw,nosuid shared:5 master:1 - fuse.sshfs me@host:/ rw\n\
                     torn 0:32";
        assert_eq!(system::type_in_table(table, "0:31").as_deref(), Some("fuse.sshfs"));
        assert_eq!(system::type_in_table(table, "254:0").as_deref(), Some("ext4"));
        for device in ["0:3", "0:32", ""] {
            assert_eq!(system::type_in_table(table, device), None, "{device}");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn real_folders_are_recognised() {
        assert_eq!(FileSystem::of(Path::new("/dev/shm")), FileSystem::Local);
        assert_eq!(FileSystem::of(&std::env::temp_dir()), FileSystem::Local);
        assert_eq!(FileSystem::of(Path::new("/nowhere")), FileSystem::Local);
    }
}
