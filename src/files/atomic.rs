//! Writing a file so that a reader sees the old bytes or the new ones, never a part.

use super::FileError;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Writes `bytes` to `path`: into a temporary file beside it, flushed to the disk, then renamed over it.
///
/// On any failure the old file stays as it was and the temporary one is removed. A link is followed, the permissions of
/// an old file are kept. What is not a regular file, such as `/dev/stdout`, is written to directly.
///
/// # Errors
///
/// Fails unless the directory exists and allows new files, and the disk takes all bytes.
pub fn write_atomically(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    replace(path, bytes).map_err(|cause| FileError::write(&path.to_string_lossy(), cause))
}

/// The same, unless these very bytes are there already, so that nothing looks changed that is not.
///
/// # Errors
///
/// Fails where [`write_atomically`] fails.
pub fn write_if_changed(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    if fs::read(path).is_ok_and(|old| old == bytes) { Ok(()) } else { write_atomically(path, bytes) }
}

/// Makes a directory and those above it, where they are not there.
///
/// # Errors
///
/// Fails where something else has its name, or the directory above it takes no new ones.
pub fn make_directory(path: &Path) -> Result<(), FileError> {
    fs::create_dir_all(path).map_err(|cause| FileError::write(&path.to_string_lossy(), cause))
}

fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let old = fs::metadata(&target).ok();
    if old.as_ref().is_some_and(fs::Metadata::is_dir) {
        return Err(io::Error::from(io::ErrorKind::IsADirectory));
    }
    if old.as_ref().is_some_and(|old| !old.is_file()) {
        return OpenOptions::new().write(true).open(&target)?.write_all(bytes);
    }
    let (mut file, temporary) = Temporary::beside(&target)?;
    file.write_all(bytes)?;
    if let Some(old) = old {
        file.set_permissions(old.permissions())?;
    }
    file.sync_all()?;
    drop(file);
    temporary.rename_to(&target)?;
    // The rename itself is made durable where directories can be opened; elsewhere the system sees to it.
    if let Ok(directory) = File::open(directory_of(&target)) {
        let _ = directory.sync_all();
    }
    Ok(())
}

fn directory_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// A temporary file that is removed unless it was renamed.
struct Temporary {
    path: Option<PathBuf>,
}

impl Temporary {
    fn beside(target: &Path) -> io::Result<(File, Self)> {
        let name = target.file_name().ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        let process = std::process::id();
        for attempt in 0..100_u32 {
            let mut temporary = std::ffi::OsString::from(".");
            temporary.push(name);
            temporary.push(format!(".{process}-{attempt}.tmp"));
            let path = directory_of(target).join(temporary);
            match OpenOptions::new().write(true).create_new(true).open(&path) {
                Ok(file) => return Ok((file, Self { path: Some(path) })),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
        Err(io::Error::from(io::ErrorKind::AlreadyExists))
    }

    fn rename_to(mut self, target: &Path) -> io::Result<()> {
        if let Some(path) = &self.path {
            fs::rename(path, target)?;
        }
        self.path = None;
        Ok(())
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if let Some(path) = &self.path {
            // Nothing better can be done about a file that cannot be removed.
            let _ = fs::remove_file(path);
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};

    /// A directory of its own for one test.
    pub(crate) struct Scratch {
        root: PathBuf,
    }

    impl Scratch {
        pub(crate) fn new() -> Self {
            static COUNT: AtomicU32 = AtomicU32::new(0);
            let number = COUNT.fetch_add(1, Ordering::Relaxed);
            let root = std::env::temp_dir().join(format!("iamc-files-{}-{number}", std::process::id()));
            fs::create_dir_all(&root).unwrap_or_default();
            Self { root }
        }

        pub(crate) fn path(&self, name: &str) -> PathBuf {
            self.root.join(name)
        }

        pub(crate) fn write(&self, name: &str, bytes: &[u8]) {
            let path = self.path(name);
            fs::create_dir_all(directory_of(&path)).unwrap_or_default();
            fs::write(path, bytes).unwrap_or_default();
        }
    }

    impl Drop for Scratch {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.root);
        }
    }

    fn entries(scratch: &Scratch) -> usize {
        fs::read_dir(&scratch.root).map_or(0, Iterator::count)
    }

    #[test]
    fn new_bytes_replace_old_ones_and_leave_nothing_else() {
        let scratch = Scratch::new();
        let path = scratch.path("world.iamc");
        write_atomically(&path, b"old").unwrap();
        write_atomically(&path, b"new").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(entries(&scratch), 1);
    }

    #[test]
    fn equal_bytes_are_not_written_again() {
        let scratch = Scratch::new();
        let path = scratch.path("world.iamc");
        write_if_changed(&path, b"old").unwrap();
        let first = fs::metadata(&path).unwrap().modified().unwrap();
        std::thread::sleep(std::time::Duration::from_millis(20));
        write_if_changed(&path, b"old").unwrap();
        assert_eq!(fs::metadata(&path).unwrap().modified().unwrap(), first);
        write_if_changed(&path, b"new").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
    }

    #[test]
    fn a_failure_leaves_what_was_there() {
        let scratch = Scratch::new();
        scratch.write("directory/inside", b"kept");
        let error = write_atomically(&scratch.path("directory"), b"new").unwrap_err();
        assert!(error.to_string().starts_with("cannot write `"), "{error}");
        assert_eq!(fs::read(scratch.path("directory/inside")).unwrap(), b"kept");
        assert!(write_atomically(&scratch.path("none/world.iamc"), b"new").is_err());
        assert_eq!(entries(&scratch), 1);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_followed_and_permissions_are_kept() {
        use std::os::unix::fs::PermissionsExt;
        let scratch = Scratch::new();
        scratch.write("real", b"old");
        fs::set_permissions(scratch.path("real"), fs::Permissions::from_mode(0o640)).unwrap();
        std::os::unix::fs::symlink(scratch.path("real"), scratch.path("link")).unwrap();
        write_atomically(&scratch.path("link"), b"new").unwrap();
        assert_eq!(fs::read(scratch.path("real")).unwrap(), b"new");
        assert_eq!(fs::metadata(scratch.path("real")).unwrap().permissions().mode() & 0o777, 0o640);
        assert!(fs::symlink_metadata(scratch.path("link")).unwrap().is_symlink());
    }
}
