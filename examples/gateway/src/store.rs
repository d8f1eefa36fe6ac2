//! Buckets as folders, objects as files.
//!
//! Comes in: [`Bucket`]s and [`Key`]s, whose texts are safe as paths. `objects/` below the root holds the buckets,
//! `incoming/` files that are not whole yet, `uploads/` the parts of uploads,
//! `descriptions/` the headers that objects were stored with. Nothing here asks who wants it. Links are not followed, so that the name which
//! was authorised is the file that is used.

use std::fs::{self, File, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;
use time::OffsetDateTime;

use crate::failure::Failure;
use crate::names::{Bucket, Key, PartNumber, UploadId};

/// The file in the folder of an upload that says which object it is of.
const TARGET: &str = "target";
/// The file there with the headers that it begins with.
const HEADERS: &str = "headers";

/// A root folder.
#[derive(Debug, Clone)]
pub struct Store {
    objects: PathBuf,
    incoming: PathBuf,
    uploads: PathBuf,
    descriptions: PathBuf,
}

/// What is known of an object without reading it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    pub bytes: u64,
    pub modified: OffsetDateTime,
    /// Changes when the object does; not a digest of it.
    pub tag: String,
}

impl Facts {
    fn of(metadata: &Metadata) -> io::Result<Self> {
        let modified = metadata.modified()?;
        let nanoseconds = modified.duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
        let tag = format!("\"{nanoseconds:x}-{:x}\"", metadata.len());
        Ok(Self { bytes: metadata.len(), modified: modified.into(), tag })
    }
}

/// Names and values of the headers that an object was stored with, and is sent with.
pub type Headers = Vec<(String, String)>;

/// The file of an object's headers.
#[derive(Serialize, Deserialize)]
struct Description {
    /// Of the object that they are of: those of another one do not count.
    tag: String,
    headers: Headers,
}

fn no_bucket() -> Failure {
    Failure::missing("NoSuchBucket", "The specified bucket does not exist")
}

fn no_key() -> Failure {
    Failure::missing("NoSuchKey", "The specified key does not exist.")
}

impl Store {
    /// Opens a root folder.
    ///
    /// Fails where names that differ in case, or in how an accent is written, are one file: what a policy says of one name
    /// would then not hold for another that opens the same file.
    pub fn open(root: &Path) -> io::Result<Self> {
        let store = Self {
            objects: root.join("objects"),
            incoming: root.join("incoming"),
            uploads: root.join("uploads"),
            descriptions: root.join("descriptions"),
        };
        fs::create_dir_all(&store.objects)?;
        fs::create_dir_all(&store.incoming)?;
        fs::create_dir_all(&store.uploads)?;
        fs::create_dir_all(&store.descriptions)?;
        // An accented letter as one character; two make the same letter for who normalizes names.
        let probe = tempfile::Builder::new().prefix("Prob\u{e9}").tempfile_in(&store.objects)?;
        let name = probe.path().file_name().unwrap_or_default().to_string_lossy().into_owned();
        let others = [name.to_lowercase(), name.replace('\u{e9}', "e\u{301}")];
        if others.into_iter().any(|other| other != name && store.objects.join(other).exists()) {
            let message = "the file system takes different names for one: it ignores case, or normalizes Unicode";
            return Err(io::Error::other(message));
        }
        Ok(store)
    }

    fn folder(&self, bucket: &Bucket) -> Result<PathBuf, Failure> {
        let folder = self.objects.join(bucket.as_str());
        match fs::symlink_metadata(&folder) {
            Ok(metadata) if metadata.is_dir() => Ok(folder),
            Ok(_) => Err(no_bucket()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(no_bucket()),
            Err(error) => Err(error.into()),
        }
    }

    /// The file of an object. Every folder on the way to it is a folder, not a link to one.
    fn file(&self, bucket: &Bucket, key: &Key) -> Result<(PathBuf, Metadata), Failure> {
        let bucket = self.folder(bucket)?;
        let file = key.below(&bucket);
        let folders: Vec<&Path> = file.ancestors().skip(1).take_while(|folder| *folder != bucket).collect();
        for folder in folders.into_iter().rev() {
            let is_folder = fs::symlink_metadata(folder).is_ok_and(|metadata| metadata.is_dir());
            if !is_folder {
                return Err(no_key());
            }
        }
        let metadata = fs::symlink_metadata(&file).ok().filter(Metadata::is_file).ok_or_else(no_key)?;
        Ok((file, metadata))
    }

    /// Names and dates of all buckets, sorted.
    pub fn buckets(&self) -> Result<Vec<(String, OffsetDateTime)>, Failure> {
        let mut found = Vec::new();
        for entry in fs::read_dir(&self.objects)? {
            let (entry, metadata) = entry.and_then(|entry| entry.metadata().map(|metadata| (entry, metadata)))?;
            let name = entry.file_name().into_string().ok().filter(|name| Bucket::parse(name).is_ok());
            if let Some(name) = name.filter(|_| metadata.is_dir()) {
                found.push((name, metadata.modified()?.into()));
            }
        }
        found.sort();
        Ok(found)
    }

    pub fn create_bucket(&self, bucket: &Bucket) -> Result<(), Failure> {
        fs::create_dir(self.objects.join(bucket.as_str())).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => {
                Failure::conflict("BucketAlreadyOwnedByYou", "The bucket exists, and is yours")
            }
            _ => error.into(),
        })
    }

    pub fn delete_bucket(&self, bucket: &Bucket) -> Result<(), Failure> {
        fs::remove_dir(self.folder(bucket)?).map_err(|error| match error.kind() {
            io::ErrorKind::DirectoryNotEmpty => {
                Failure::conflict("BucketNotEmpty", "The bucket you tried to delete is not empty")
            }
            _ => error.into(),
        })
    }

    pub fn has_bucket(&self, bucket: &Bucket) -> Result<(), Failure> {
        self.folder(bucket).map(|_| ())
    }

    /// A place for an object on its way. It vanishes unless [`Store::keep`] takes it.
    pub fn incoming(&self, bucket: &Bucket) -> Result<NamedTempFile, Failure> {
        self.folder(bucket)?;
        Ok(NamedTempFile::new_in(&self.incoming)?)
    }

    /// Gives an object that is whole its name.
    pub fn keep(
        &self,
        incoming: NamedTempFile,
        bucket: &Bucket,
        key: &Key,
        headers: Headers,
    ) -> Result<Facts, Failure> {
        let description = self.description(bucket, key);
        let bucket = self.folder(bucket)?;
        let file = key.below(&bucket);
        let is_taken = || Failure::conflict("InvalidRequest", "A key and the beginning of another cannot be the same");
        let mut folder = bucket;
        let names: Vec<&str> = key.as_str().split('/').collect();
        let (_, folders) = names.split_last().ok_or_else(is_taken)?;
        for name in folders {
            folder.push(name);
            if let Err(error) = fs::create_dir(&folder)
                && error.kind() != io::ErrorKind::AlreadyExists
            {
                return Err(error.into());
            }
            if !fs::symlink_metadata(&folder)?.is_dir() {
                return Err(is_taken());
            }
        }
        if fs::symlink_metadata(&file).is_ok_and(|metadata| !metadata.is_file()) {
            return Err(is_taken());
        }
        let kept = incoming.persist(&file).map_err(|error| Failure::internal(error.error))?;
        let facts = Facts::of(&kept.metadata()?)?;
        let described = Description { tag: facts.tag.clone(), headers };
        let text = NamedTempFile::new_in(&self.incoming)?;
        serde_json::to_writer(text.as_file(), &described).map_err(Failure::internal)?;
        text.persist(description).map_err(|error| Failure::internal(error.error))?;
        Ok(facts)
    }

    /// The file of an object's headers. Its name is a digest, so that no key stands in the way of another.
    fn description(&self, bucket: &Bucket, key: &Key) -> PathBuf {
        self.descriptions.join(hex::encode(Sha256::digest(key.arn(bucket))))
    }

    /// Begins an upload in parts.
    pub fn begin(&self, bucket: &Bucket, key: &Key, headers: &Headers) -> Result<UploadId, Failure> {
        self.folder(bucket)?;
        let mut builder = tempfile::Builder::new();
        let folder = builder.prefix("").rand_bytes(UploadId::LENGTH).tempdir_in(&self.uploads)?;
        fs::write(folder.path().join(TARGET), key.arn(bucket))?;
        fs::write(folder.path().join(HEADERS), serde_json::to_vec(headers).map_err(Failure::internal)?)?;
        let name = folder.path().file_name().map(|name| name.to_string_lossy().into_owned());
        let id = UploadId::parse(&name.unwrap_or_default())?;
        // From now on it stays until the upload is completed or aborted.
        let _ = folder.keep();
        Ok(id)
    }

    /// The folder of an upload; it must be of this object, for which the request was authorised.
    fn upload(&self, bucket: &Bucket, key: &Key, id: &UploadId) -> Result<PathBuf, Failure> {
        let folder = self.uploads.join(id.as_str());
        let target = fs::read_to_string(folder.join(TARGET)).map_err(|_| UploadId::unknown())?;
        if target == key.arn(bucket) { Ok(folder) } else { Err(UploadId::unknown()) }
    }

    /// Gives a part that is whole its number.
    pub fn keep_part(
        &self,
        incoming: NamedTempFile,
        bucket: &Bucket,
        key: &Key,
        id: &UploadId,
        part: PartNumber,
    ) -> Result<Facts, Failure> {
        let file = self.upload(bucket, key, id)?.join(part.file_name());
        let kept = incoming.persist(file).map_err(|error| Failure::internal(error.error))?;
        Ok(Facts::of(&kept.metadata()?)?)
    }

    /// Makes an object of its parts.
    pub fn complete(
        &self,
        bucket: &Bucket,
        key: &Key,
        id: &UploadId,
        parts: &[(PartNumber, String)],
    ) -> Result<Facts, Failure> {
        let folder = self.upload(bucket, key, id)?;
        let invalid = || Failure::bad("InvalidPart", "One or more of the specified parts could not be found");
        let mut whole = self.incoming(bucket)?;
        for (number, tag) in parts {
            let mut part = File::open(folder.join(number.file_name())).map_err(|_| invalid())?;
            if Facts::of(&part.metadata()?)?.tag.trim_matches('"') != tag.trim_matches('"') {
                return Err(invalid());
            }
            io::copy(&mut part, &mut whole)?;
        }
        let headers = serde_json::from_slice(&fs::read(folder.join(HEADERS))?).map_err(Failure::internal)?;
        let facts = self.keep(whole, bucket, key, headers)?;
        fs::remove_dir_all(folder)?;
        Ok(facts)
    }

    /// Forgets an upload and its parts.
    pub fn abort(&self, bucket: &Bucket, key: &Key, id: &UploadId) -> Result<(), Failure> {
        Ok(fs::remove_dir_all(self.upload(bucket, key, id)?)?)
    }

    /// Opens an object.
    pub fn object(&self, bucket: &Bucket, key: &Key) -> Result<(File, Facts, Headers), Failure> {
        let (file, _) = self.file(bucket, key)?;
        let file = File::open(file)?;
        let facts = Facts::of(&file.metadata()?)?;
        let text = fs::read(self.description(bucket, key)).unwrap_or_default();
        let described = serde_json::from_slice(&text).ok().filter(|known: &Description| known.tag == facts.tag);
        Ok((file, facts, described.map(|known| known.headers).unwrap_or_default()))
    }

    /// Deletes an object, and folders that are then empty. What is not there is deleted already.
    pub fn delete(&self, bucket: &Bucket, key: &Key) -> Result<(), Failure> {
        let folder = self.folder(bucket)?;
        let (file, _) = match self.file(bucket, key) {
            Ok(found) => found,
            Err(failure) if failure == no_key() => return Ok(()),
            Err(failure) => return Err(failure),
        };
        fs::remove_file(&file)?;
        // An object that somebody put there has none.
        let _ = fs::remove_file(self.description(bucket, key));
        let empty = file.ancestors().skip(1).take_while(|parent| *parent != folder);
        // Where one is not empty those above it are not either.
        let _ = empty.map(fs::remove_dir).take_while(io::Result::is_ok).count();
        Ok(())
    }

    /// All keys of a bucket with this prefix, sorted by their bytes.
    pub fn keys(&self, bucket: &Bucket, prefix: &str) -> Result<Vec<(String, Facts)>, Failure> {
        let folder = self.folder(bucket)?;
        let mut found = Vec::new();
        let mut open = vec![(folder, String::new())];
        while let Some((folder, path)) = open.pop() {
            for entry in fs::read_dir(folder)? {
                let entry = entry?;
                let Ok(name) = entry.file_name().into_string() else { continue };
                let key = format!("{path}{name}");
                let kind = entry.file_type()?;
                let below = format!("{key}/");
                if kind.is_dir() && (below.starts_with(prefix) || prefix.starts_with(&below)) {
                    open.push((entry.path(), below));
                } else if kind.is_file() && key.starts_with(prefix) && Key::parse(&key).is_ok() {
                    found.push((key, Facts::of(&entry.metadata()?)?));
                }
            }
        }
        found.sort_by(|(one, _), (other, _)| one.cmp(other));
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn store() -> (tempfile::TempDir, Store, Bucket) {
        let root = tempfile::tempdir().unwrap();
        let store = Store::open(root.path()).unwrap();
        let bucket = Bucket::parse("logs").unwrap();
        store.create_bucket(&bucket).unwrap();
        (root, store, bucket)
    }

    fn put(store: &Store, bucket: &Bucket, key: &str) -> Result<Facts, Failure> {
        store.keep(store.incoming(bucket)?, bucket, &Key::parse(key)?, Headers::new())
    }

    #[test]
    fn keys_are_sorted_by_their_bytes() {
        let (_root, store, bucket) = store();
        for key in ["a0", "a/b", "a-b", "a/a/c", "b"] {
            put(&store, &bucket, key).unwrap();
        }
        let keys = |prefix: &str| -> Vec<String> {
            store.keys(&bucket, prefix).unwrap().into_iter().map(|(key, _)| key).collect()
        };
        assert_eq!(keys(""), ["a-b", "a/a/c", "a/b", "a0", "b"]);
        assert_eq!(keys("a/"), ["a/a/c", "a/b"]);
        assert_eq!(keys("a/a"), ["a/a/c"]);
        assert_eq!(keys("a/a/c"), ["a/a/c"]);
        assert_eq!(keys("c"), Vec::<String>::new());
    }

    #[test]
    fn folders_come_and_go_with_objects() {
        let (_root, store, bucket) = store();
        put(&store, &bucket, "a/b/c").unwrap();
        assert_eq!(put(&store, &bucket, "a/b").unwrap_err().code, "InvalidRequest");
        assert_eq!(put(&store, &bucket, "a/b/c/d").unwrap_err().code, "InvalidRequest");
        assert_eq!(store.delete_bucket(&bucket).unwrap_err().code, "BucketNotEmpty");
        store.delete(&bucket, &Key::parse("a/b/x").unwrap()).unwrap();
        store.delete(&bucket, &Key::parse("a/b").unwrap()).unwrap();
        assert_eq!(store.keys(&bucket, "").unwrap().len(), 1);
        store.delete(&bucket, &Key::parse("a/b/c").unwrap()).unwrap();
        store.delete_bucket(&bucket).unwrap();
        assert_eq!(put(&store, &bucket, "a").unwrap_err().code, "NoSuchBucket");
    }

    #[test]
    fn uploads_are_of_one_object() {
        let (root, store, bucket) = store();
        let (key, other) = (Key::parse("a/b").unwrap(), Key::parse("c").unwrap());
        let number = |text: &str| PartNumber::parse(text).unwrap();
        let headers = vec![("content-type".to_owned(), "text/plain".to_owned())];
        let id = store.begin(&bucket, &key, &headers).unwrap();
        let part = |text: &str, key: &Key, at: &str| {
            let mut incoming = store.incoming(&bucket).unwrap();
            io::Write::write_all(&mut incoming, text.as_bytes()).unwrap();
            store.keep_part(incoming, &bucket, key, &id, number(at))
        };
        let first = part("for", &key, "1").unwrap();
        let second = part("est", &key, "10").unwrap();
        assert_eq!(part("x", &other, "1").unwrap_err().code, "NoSuchUpload");
        let parts = [(number("1"), first.tag.clone()), (number("10"), second.tag.clone())];
        assert_eq!(store.complete(&bucket, &other, &id, &parts).unwrap_err().code, "NoSuchUpload");
        assert_eq!(store.abort(&bucket, &other, &id).unwrap_err().code, "NoSuchUpload");
        for wrong in [vec![(number("1"), "x".to_owned())], vec![(number("2"), first.tag)]] {
            assert_eq!(store.complete(&bucket, &key, &id, &wrong).unwrap_err().code, "InvalidPart");
        }
        assert_eq!(store.complete(&bucket, &key, &id, &parts).unwrap().bytes, 6);
        assert_eq!(fs::read(root.path().join("objects/logs/a/b")).unwrap(), b"forest");
        assert_eq!(store.object(&bucket, &key).unwrap().2, headers);
        // Headers are those of the object that they came with.
        fs::write(root.path().join("objects/logs/a/b"), "another").unwrap();
        assert_eq!(store.object(&bucket, &key).unwrap().2, []);
        store.delete(&bucket, &key).unwrap();
        assert_eq!(fs::read_dir(root.path().join("descriptions")).unwrap().count(), 0);
        assert_eq!(store.complete(&bucket, &key, &id, &parts).unwrap_err().code, "NoSuchUpload");
        let id = store.begin(&bucket, &key, &headers).unwrap();
        store.abort(&bucket, &key, &id).unwrap();
        assert_eq!(fs::read_dir(root.path().join("uploads")).unwrap().count(), 0);
        assert_eq!(fs::read_dir(root.path().join("incoming")).unwrap().count(), 0);
    }

    #[cfg(unix)]
    #[test]
    fn links_are_not_followed() {
        let (root, store, bucket) = store();
        let secret = root.path().join("secret");
        fs::create_dir(&secret).unwrap();
        File::create(secret.join("file")).unwrap();
        let folder = root.path().join("objects/logs");
        std::os::unix::fs::symlink(&secret, folder.join("link")).unwrap();
        std::os::unix::fs::symlink(secret.join("file"), folder.join("direct")).unwrap();
        std::os::unix::fs::symlink(&secret, root.path().join("objects/linked")).unwrap();
        for key in ["link/file", "direct"] {
            let key = Key::parse(key).unwrap();
            assert_eq!(store.object(&bucket, &key).unwrap_err().code, "NoSuchKey");
            store.delete(&bucket, &key).unwrap();
        }
        assert!(put(&store, &bucket, "link/other").is_err());
        assert!(put(&store, &bucket, "direct").is_err());
        assert_eq!(store.keys(&bucket, "").unwrap(), []);
        let linked = Bucket::parse("linked").unwrap();
        assert_eq!(store.has_bucket(&linked).unwrap_err().code, "NoSuchBucket");
        assert!(secret.join("file").exists() && fs::read_dir(&secret).unwrap().count() == 1);
    }
}
