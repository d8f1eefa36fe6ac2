//! From what the user named to a world: files, what a manifest among them names, and standard input.
//!
//! Comes in: paths. Goes out: a [`World`] and the paths behind its names. `files` touches the files and `world` knows
//! what they mean; this room only carries texts from one to the other, moving each of them.

use crate::files::{self, FileError};
use crate::world::{self, Inputs, PolicyType, Text, Unread, World};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// A world as far as it could be read.
#[derive(Debug)]
pub struct Loaded {
    /// The world; what is wrong with it comes out of [`compile`](crate::compile).
    pub world: World,
    /// From the names in the world to paths as the user would write them.
    pub paths: BTreeMap<String, String>,
    /// Every file that was read; standard input is none.
    pub files: Vec<PathBuf>,
    /// Every folder in which files were looked for, those below it included: a new file there may change the world.
    pub folders: Vec<PathBuf>,
}

/// Reads everything that the user named, and everything that a manifest (`iamc.toml`) among it names, into one world.
///
/// `-` is standard input and a directory stands for all `*.json` below it. Files of a manifest are named relative to
/// it. `forced` is the type of named policies where it is not to be detected. A file that is named twice counts once.
///
/// # Errors
///
/// Every path of `paths` that is missing, unreadable or not UTF-8 text. A file of the manifest that cannot be read is
/// a finding of the world.
pub fn load(paths: &[PathBuf], forced: Option<PolicyType>) -> Result<Loaded, Vec<FileError>> {
    let folders = paths.iter().filter(|path| files::is_folder(path)).cloned().collect();
    Ok(gather(files::read_inputs(paths)?, folders, forced))
}

/// Reads what a manifest among texts names, and all of it into one world, as [`load`] does.
pub(crate) fn load_texts(inputs: Vec<files::Input>, forced: Option<PolicyType>) -> Loaded {
    gather(inputs, Vec::new(), forced)
}

fn gather(inputs: Vec<files::Input>, folders: Vec<PathBuf>, forced: Option<PolicyType>) -> Loaded {
    let mut gathered = Gathered { folders, ..Gathered::default() };
    let mut manifests = Vec::new();
    for input in inputs {
        if world::is_manifest(&input.name, &input.text) {
            manifests.push((world::references(&input.text), files::folder(&input.path)));
        }
        gathered.add(input);
    }
    // Of several manifests none is followed: which one is meant is for the user to say.
    if let [(references, folder)] = manifests.as_slice() {
        for reference in references {
            gathered.follow(reference, folder);
        }
    }
    let paths = gathered.shown_names();
    let files = gathered.files.into_iter().filter(|path| path.as_os_str() != "-").collect();
    let inputs = Inputs { texts: gathered.texts, unread: gathered.unread };
    Loaded { world: world::load_inputs(inputs, forced), paths, files, folders: gathered.folders }
}

/// Texts on their way.
#[derive(Debug, Default)]
struct Gathered {
    texts: Vec<Text>,
    /// For each text where it was read.
    files: Vec<PathBuf>,
    /// For each text its path for people.
    shown: Vec<String>,
    unread: Vec<(usize, Unread)>,
    /// Indexes by what is the same for all spellings of a path.
    known: BTreeMap<PathBuf, usize>,
    names: BTreeSet<String>,
    folders: Vec<PathBuf>,
    /// Files that cannot be read, with the patterns that have been told so.
    refused: BTreeSet<(PathBuf, usize)>,
}

impl Gathered {
    fn add(&mut self, input: files::Input) {
        self.known.insert(files::identity(&input.path), self.texts.len());
        self.names.insert(input.name.clone());
        self.texts.push(Text { name: input.name, text: input.text, claims: Vec::new() });
        self.files.push(input.path);
        self.shown.push(input.shown);
    }

    fn follow(&mut self, reference: &world::Reference, folder: &Path) {
        let number = reference.number;
        self.folders.extend(files::searched(folder, &reference.pattern));
        match files::matches(folder, &reference.pattern) {
            Ok(found) if found.is_empty() => self.unread.push((number, Unread::NoMatch)),
            Ok(found) => found.into_iter().for_each(|file| self.claim(file, number)),
            Err(errors) => {
                let faults = errors.into_iter().map(|error| (number, Unread::Unreadable(error.to_string())));
                self.unread.extend(faults);
            }
        }
    }

    /// Makes a file that of a pattern; it is read the first time.
    fn claim(&mut self, file: files::Match, number: usize) {
        let identity = files::identity(&file.path);
        if let Some(&at) = self.known.get(&identity) {
            return self.claim_known(at, file.name, number);
        }
        match files::read_text(&file.path) {
            Ok(text) => {
                let name = self.unused(file.name);
                self.known.insert(identity, self.texts.len());
                self.texts.push(Text { name, text, claims: vec![number] });
                self.shown.push(file.path.to_string_lossy().replace('\\', "/"));
                self.files.push(file.path);
            }
            Err(error) => {
                if self.refused.insert((identity, number)) {
                    self.unread.push((number, Unread::Unreadable(error.to_string())));
                }
            }
        }
    }

    /// Makes a file that has been read that of one more pattern. One that the user has named as well takes the name
    /// that the manifest gives it.
    fn claim_known(&mut self, at: usize, name: String, number: usize) {
        let Some(text) = self.texts.get(at) else { return };
        if text.claims.last() == Some(&number) {
            return;
        }
        let is_first = text.claims.is_empty() && text.name != name;
        let name = is_first.then(|| self.unused(name));
        if let Some(text) = self.texts.get_mut(at) {
            text.claims.push(number);
            text.name = name.unwrap_or_else(|| std::mem::take(&mut text.name));
        }
    }

    /// Takes a name that no text has; only a file that the user named beside the manifest can have it.
    fn unused(&mut self, name: String) -> String {
        let numbered = (2_u32..).map(|number| format!("{name}~{number}"));
        let unused = std::iter::once(name.clone()).chain(numbered).find(|name| !self.names.contains(name));
        let unused = unused.unwrap_or(name);
        self.names.insert(unused.clone());
        unused
    }

    fn shown_names(&self) -> BTreeMap<String, String> {
        self.texts.iter().map(|text| text.name.clone()).zip(self.shown.iter().cloned()).collect()
    }
}
