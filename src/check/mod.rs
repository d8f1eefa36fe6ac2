//! What is wrong with the policies of many files: everything that reading, compiling and linting find, a few files at a
//! time.
//!
//! Comes in: paths. Goes out: [`Part`]s with findings, in the order of the files' names, each as soon as those before it
//! have gone. Memory is bounded by the largest file, but for a name and an ARN of each policy: files are read twice, first
//! to see what has to be read into one world, then in small groups, in as many threads as there are processors. This room
//! finds nothing itself; what it passes on is the same as for one world of all files.
//!
//! Of a large file of policy lines the text is held, and its policies are groups of some lines at a time; its findings
//! are one part. That gives the same only where each line is JSON without a mistake: else brackets pair across lines, and
//! how much is reported counts for the whole text. A file with a mistake in its JSON is read again, as a whole.
//!
//! Files see each other in three ways. A manifest joins everything. Account dumps join each other and the policy lines
//! that they may refer to. All policies together have different names, and policy lines of one ARN are one policy:
//! `world::Taken` is the memory of that, and groups pass by it in order.

mod plan;

use crate::compile;
use crate::files::{self, FileError, Input};
use crate::input::{self, Loaded};
use crate::lint::Linters;
use crate::source::{Diagnostic, Source, SourceId, SourceMap};
use crate::terms::Semantics;
use crate::threads::{self, Steps};
use crate::world::model::{Document, Spot};
use crate::world::{self, Draft, Inputs, PolicyType, Taken, Text, Texts, World};
use plan::{File, Group, Lines};
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

/// Everything that is to be checked.
#[derive(Debug)]
pub struct Files {
    forced: Option<PolicyType>,
    /// Sorted by name.
    list: Vec<File>,
    /// From names to paths as the user would write them.
    paths: Arc<BTreeMap<String, String>>,
    /// Everything, where there is a manifest.
    whole: Option<World>,
}

/// Some files with everything that was found in them.
#[derive(Debug, Clone)]
pub struct Part {
    /// The texts of the files, and of others that findings speak of.
    pub sources: SourceMap,
    /// Which of the texts are the part's own, in order.
    pub own: Vec<SourceId>,
    /// From the names of texts to paths as the user would write them.
    pub paths: Arc<BTreeMap<String, String>>,
    /// In source order; each is about an own text.
    pub findings: Vec<Diagnostic>,
}

impl Files {
    /// Finds the files that the user named and looks at what they are. Each is read once, and forgotten again.
    ///
    /// Paths mean what they mean to [`input::load`](crate::input::load()); `forced` is the type of named policies where it is
    /// not to be detected. A manifest and all that it names are read into memory.
    ///
    /// # Errors
    ///
    /// Every path that is missing, unreadable or not UTF-8 text.
    pub fn open(paths: &[PathBuf], forced: Option<PolicyType>) -> Result<Self, Vec<FileError>> {
        let list = plan::look(files::list_inputs(paths))?;
        if !list.iter().any(|file| file.traits.is_manifest) {
            let paths = list.iter().map(|file| (file.listed.name.clone(), file.listed.shown.clone()));
            let paths = Arc::new(paths.collect());
            return Ok(Self { forced, list, paths, whole: None });
        }
        let inputs = threads::each(list.len(), |at| list.get(at).map(File::input));
        let mut errors = Vec::new();
        let inputs = inputs.into_iter().flatten().filter_map(|input| input.map_err(|error| errors.push(error)).ok());
        let inputs = inputs.collect::<Vec<Input>>();
        if !errors.is_empty() {
            return Err(errors);
        }
        let Loaded { world, paths, .. } = input::load_texts(inputs, forced);
        Ok(Self { forced, list, paths: Arc::new(paths), whole: Some(world) })
    }

    /// From the names of the files to paths as the user would write them. What a manifest names is among them.
    pub fn paths(&self) -> &BTreeMap<String, String> {
        &self.paths
    }

    /// The first manifest among the files.
    pub fn manifest(&self) -> Option<&Source> {
        let sources = self.whole.iter().flat_map(|world| world.sources().iter());
        let is_manifest = |source: &Source| !source.is_built_in && world::is_manifest(&source.name, &source.text);
        sources.map(|(_, source)| source).find(|source| is_manifest(source))
    }

    /// How many bytes there are to check.
    pub fn bytes(&self) -> u64 {
        match &self.whole {
            Some(world) => bytes_of(world.sources(), own_of(world.sources())),
            None => self.list.iter().map(|file| file.bytes).sum(),
        }
    }

    /// Checks all files. `report` makes what it wants of each part, of several at once; `take` gets that part by part, in
    /// the order of the files' names.
    ///
    /// # Errors
    ///
    /// The first error of `report` or `take`, or a file that cannot be read any more; later parts are not taken then.
    pub fn check<R, E: From<FileError> + Send>(
        mut self,
        semantics: Semantics,
        report: impl Fn(Part) -> Result<R, E> + Sync,
        mut take: impl FnMut(R) -> Result<(), E> + Send,
    ) -> Result<(), E> {
        if let Some(world) = self.whole.take() {
            let sources = world.sources().clone();
            let own = own_of(&sources).collect();
            let findings = judge(world, semantics, &Linters::default()).together();
            return take(report(Part { sources, own, paths: self.paths.clone(), findings })?);
        }
        let linters = Linters::default();
        let joined = Joined::of(&self, semantics, &linters)?;
        let run = Run { input: &self, semantics, joined, linters, recent: Mutex::default(), open: Mutex::default() };
        let groups = plan::groups(&self.list);
        let sizes = groups.iter().map(|group| plan::size(&self.list, group)).collect::<Vec<u64>>();
        let group = |number: usize| groups.get(number).cloned().unwrap_or(Group::Alone(0..0));
        let mut settling = Settling::default();
        let mut pending = Judged::default();
        let steps = Steps {
            read: |number: usize| Ok(run.read(group(number))?),
            settle: |_, read: Read| run.settle(read, &mut settling),
            work: |_, settled: Settled| match run.finish(settled)? {
                Finished::Part(part) => Ok(Reported::Part(report(*part)?)),
                Finished::Lines(judged, end) => Ok(Reported::Lines(judged, end)),
            },
            take: |_, reported: Reported<R>| match reported {
                Reported::Part(reported) => {
                    // Of a file that has been read as a whole after all.
                    pending = Judged::default();
                    take(reported)
                }
                Reported::Lines(judged, end) => {
                    pending.join(judged);
                    let Some((file, texts)) = end else { return Ok(()) };
                    take(report(run.lines(file, &texts, std::mem::take(&mut pending))?)?)
                }
            },
        };
        threads::in_turns(&sizes, plan::AT_ONCE_BYTES, steps)
    }
}

/// The texts that are the user's.
fn own_of(sources: &SourceMap) -> impl Iterator<Item = SourceId> {
    sources.iter().filter(|(_, source)| !source.is_built_in).map(|(id, _)| id)
}

fn bytes_of(sources: &SourceMap, own: impl Iterator<Item = SourceId>) -> u64 {
    let length = |id: SourceId| sources.get(id).and_then(|source| u64::try_from(source.text.len()).ok());
    own.filter_map(length).sum()
}

impl Part {
    /// How many bytes the own texts have.
    pub fn bytes(&self) -> u64 {
        bytes_of(&self.sources, self.own.iter().copied())
    }

    /// The path of a text as the user would write it, or its name where there is none.
    pub fn shown(&self, id: SourceId) -> &str {
        let name = self.sources.get(id).map_or("", |source| &source.name);
        self.paths.get(name).map_or(name, String::as_str)
    }
}

/// What was found, by who found it.
#[derive(Debug, Default)]
struct Judged {
    lint: Vec<Diagnostic>,
    compile: Vec<Diagnostic>,
}

impl Judged {
    /// Appends what was found further on.
    fn join(&mut self, mut other: Self) {
        self.lint.append(&mut other.lint);
        self.compile.append(&mut other.compile);
    }

    /// Everything in source order; at one place what is questionable comes first.
    fn together(mut self) -> Vec<Diagnostic> {
        compile::settle(&mut self.compile);
        let mut all = self.lint;
        all.append(&mut self.compile);
        all.sort_by_key(|finding| finding.place);
        all
    }
}

/// Documents of a large file that are worth a thread.
const PIECE: usize = 1024;

/// Everything that is wrong with a world.
fn judge(mut world: World, semantics: Semantics, linters: &Linters) -> Judged {
    if world.documents.len() <= PIECE || !world.is_loose() {
        let lint = linters.lint(&world, semantics);
        return Judged { lint, compile: compile::findings(world, semantics) };
    }
    let mut all = Judged { lint: Vec::new(), compile: std::mem::take(&mut world.findings) };
    let mut documents = std::mem::take(&mut world.documents).into_iter();
    let piece = || Some(documents.by_ref().take(PIECE).collect::<Vec<Document>>()).filter(|piece| !piece.is_empty());
    let pieces = std::iter::from_fn(piece).map(Mutex::new).collect::<Vec<_>>();
    let judged = threads::each(pieces.len(), |number| {
        let documents = pieces.get(number).map(|piece| std::mem::take(&mut *unlock(piece))).unwrap_or_default();
        judge(World { sources: world.sources.clone(), documents, ..World::default() }, semantics, linters)
    });
    for piece in judged {
        all.join(piece);
    }
    compile::settle(&mut all.compile);
    all
}

/// The same where no manifest says what policies are for: that nothing attaches them is no finding then.
fn judge_apart(world: World, semantics: Semantics, linters: &Linters) -> Judged {
    let mut judged = judge(world, semantics, linters);
    judged.compile.retain(|finding| finding.code != "iamc::document::never-used");
    judged
}

fn unlock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Files that are read into one world, because there are account dumps among them.
#[derive(Debug)]
struct Joined {
    sources: SourceMap,
    texts: Texts,
    /// By source: names of policies that have not been claimed yet.
    names: Vec<Spot>,
    judged: Judged,
}

impl Joined {
    fn of(input: &Files, semantics: Semantics, linters: &Linters) -> Result<Self, FileError> {
        let numbers = plan::joined(&input.list).collect::<Vec<usize>>();
        let mut draft = input.draft(&numbers)?;
        let mut texts = Texts::new(numbers);
        draft.settle_lines(&mut Taken::default(), &mut texts);
        let names = draft.names();
        let world = draft.resolve();
        Ok(Self { sources: world.sources().clone(), texts, names, judged: judge_apart(world, semantics, linters) })
    }

    /// What stands in these sources of sorted things.
    fn within<T: Clone>(sorted: &[T], own: &Range<SourceId>, source: impl Fn(&T) -> SourceId) -> Vec<T> {
        let from = sorted.partition_point(|one| source(one) < own.start);
        let to = sorted.partition_point(|one| source(one) < own.end);
        sorted.get(from..to).unwrap_or_default().to_vec()
    }
}

impl Files {
    /// Reads files into a world of their own.
    fn draft(&self, numbers: &[usize]) -> Result<Draft, FileError> {
        let files = numbers.iter().filter_map(|number| self.list.get(*number));
        let text = |file: &File| Ok(Text { name: file.listed.name.clone(), text: file.read()?, claims: Vec::new() });
        let texts = files.map(text).collect::<Result<Vec<Text>, FileError>>()?;
        Ok(Draft::read(Inputs { texts, unread: Vec::new() }, self.forced))
    }
}

/// What all groups share.
#[derive(Debug)]
struct Run<'f> {
    input: &'f Files,
    semantics: Semantics,
    joined: Joined,
    linters: Linters,
    recent: Mutex<Recent>,
    /// The file of policy lines that is read in parts just now, by number.
    open: Mutex<Option<(usize, Arc<Source>)>>,
}

/// Texts of other groups that findings have spoken of lately, by number.
#[derive(Debug, Default)]
struct Recent {
    texts: Vec<(usize, Arc<Source>)>,
    bytes: usize,
}

/// How many such texts are kept at most, and how many bytes beside the largest of them.
const RECENT: usize = 64;
const RECENT_BYTES: usize = 1 << 22;

/// A group behind its first step.
#[derive(Debug)]
enum Read {
    Alone(Range<usize>, Box<Draft>),
    Joined(Range<usize>),
    /// Nothing where there is a mistake in the JSON.
    Lines(Lines, Option<Box<Draft>>),
}

/// What is passed on from group to group.
#[derive(Debug, Default)]
struct Settling {
    taken: Taken,
    lines: Option<OpenLines>,
}

/// A file of policy lines of which some groups have been settled.
#[derive(Debug)]
struct OpenLines {
    texts: Texts,
    /// What was taken before its first group, for reading it as a whole.
    before: Taken,
    is_torn: bool,
}

/// A group whose names are its own.
#[derive(Debug)]
enum Settled {
    Alone(Box<Draft>, Texts),
    Joined {
        own: Range<SourceId>,
        texts: Texts,
        names: Vec<Diagnostic>,
    },
    /// Some lines; with the last ones the number of the file and the texts that findings speak of. Nothing where the file
    /// will be read as a whole.
    Lines(Option<Box<Draft>>, Option<(usize, Texts)>),
    Unreadable(FileError),
}

/// A group of which everything is known.
enum Finished {
    Part(Box<Part>),
    /// As [`Settled::Lines`].
    Lines(Judged, Option<(usize, Texts)>),
}

/// A group on its way to whoever takes the parts.
enum Reported<R> {
    Part(R),
    Lines(Judged, Option<(usize, Texts)>),
}

impl Run<'_> {
    fn read(&self, group: Group) -> Result<Read, FileError> {
        match group {
            Group::Alone(range) => {
                let mut draft = self.input.draft(&range.clone().collect::<Vec<usize>>())?;
                draft.note_digests();
                Ok(Read::Alone(range, Box::new(draft)))
            }
            Group::Joined(range) => Ok(Read::Joined(range)),
            Group::Lines(lines) => {
                let source = self.open(lines.file)?;
                let mut draft = Draft::read_lines(&source, lines.bytes.clone(), self.input.forced);
                draft.iter_mut().for_each(Draft::note_digests);
                Ok(Read::Lines(lines, draft.map(Box::new)))
            }
        }
    }

    fn settle(&self, read: Read, settling: &mut Settling) -> Settled {
        let taken = &mut settling.taken;
        match read {
            Read::Alone(range, draft) => settle_alone(range.collect(), draft, taken),
            Read::Lines(lines, draft) => self.settle_lines(&lines, draft, settling),
            Read::Joined(range) => {
                let mut texts = self.joined.texts.clone();
                let own = texts.ids(&range);
                let names = Joined::within(&self.joined.names, &own, |name| name.place.source);
                let names = names.iter().filter_map(|name| world::claim_name(name, taken, &mut texts)).collect();
                Settled::Joined { own, texts, names }
            }
        }
    }

    fn settle_lines(&self, lines: &Lines, draft: Option<Box<Draft>>, settling: &mut Settling) -> Settled {
        let Settling { taken, lines: open } = settling;
        if lines.is_first {
            *open = Some(OpenLines { texts: Texts::new(vec![lines.file]), before: taken.clone(), is_torn: false });
        }
        let Some(file) = open else { return Settled::Lines(None, None) };
        let draft = draft.filter(|_| !file.is_torn).map(|mut draft| {
            draft.settle_lines(taken, &mut file.texts);
            draft.claim_names(taken, &mut file.texts);
            draft
        });
        file.is_torn |= draft.is_none();
        let Some(OpenLines { texts, before, is_torn }) = open.take_if(|_| lines.is_last) else {
            return Settled::Lines(draft, None);
        };
        if !is_torn {
            return Settled::Lines(draft, Some((lines.file, texts)));
        }
        *taken = before;
        let whole = self.input.draft(&[lines.file]);
        match whole {
            Ok(mut whole) => {
                whole.note_digests();
                settle_alone(vec![lines.file], Box::new(whole), taken)
            }
            Err(error) => Settled::Unreadable(error),
        }
    }

    fn finish(&self, settled: Settled) -> Result<Finished, FileError> {
        let part = match settled {
            Settled::Lines(None, end) => return Ok(Finished::Lines(Judged::default(), end)),
            Settled::Lines(Some(draft), end) => {
                return Ok(Finished::Lines(judge_apart(draft.resolve(), self.semantics, &self.linters), end));
            }
            Settled::Unreadable(error) => return Err(error),
            Settled::Alone(draft, texts) => self.alone(*draft, &texts)?,
            Settled::Joined { own, texts, names } => self.joined(own, &texts, names)?,
        };
        Ok(Finished::Part(Box::new(part)))
    }

    fn alone(&self, draft: Draft, texts: &Texts) -> Result<Part, FileError> {
        let mut world = draft.resolve();
        let own = own_of(&world.sources).collect();
        self.add_foreign(texts, &mut world.sources)?;
        let sources = world.sources.clone();
        let findings = judge_apart(world, self.semantics, &self.linters).together();
        Ok(Part { sources, own, paths: self.input.paths.clone(), findings })
    }

    fn joined(&self, own: Range<SourceId>, texts: &Texts, names: Vec<Diagnostic>) -> Result<Part, FileError> {
        let mut sources = self.joined.sources.clone();
        self.add_foreign(texts, &mut sources)?;
        let Judged { lint, compile } = &self.joined.judged;
        let source = |finding: &Diagnostic| finding.place.source;
        let lint = Joined::within(lint, &own, source);
        let mut compile = Joined::within(compile, &own, source);
        compile.extend(names);
        let own = (own.start.0..own.end.0).map(SourceId).collect();
        Ok(Part { sources, own, paths: self.input.paths.clone(), findings: Judged { lint, compile }.together() })
    }

    /// All that was found in a file of policy lines.
    fn lines(&self, file: usize, texts: &Texts, judged: Judged) -> Result<Part, FileError> {
        let mut sources = SourceMap::default();
        let own = vec![sources.add_shared(self.open(file)?)];
        self.add_foreign(texts, &mut sources)?;
        Ok(Part { sources, own, paths: self.input.paths.clone(), findings: judged.together() })
    }

    /// The text of a file that is read in parts; it is held until another such file is opened.
    fn open(&self, number: usize) -> Result<Arc<Source>, FileError> {
        let mut open = unlock(&self.open);
        if let Some((_, source)) = open.as_ref().filter(|(other, _)| *other == number) {
            return Ok(source.clone());
        }
        *open = None;
        let source = self.read_source(number)?;
        *open = Some((number, source.clone()));
        Ok(source)
    }

    /// Adds the texts of other groups that findings speak of.
    fn add_foreign(&self, texts: &Texts, sources: &mut SourceMap) -> Result<(), FileError> {
        for &number in texts.foreign() {
            sources.add_shared(self.source(number)?);
        }
        Ok(())
    }

    fn source(&self, number: usize) -> Result<Arc<Source>, FileError> {
        if let Some((_, source)) = unlock(&self.recent).texts.iter().find(|(other, _)| *other == number) {
            return Ok(source.clone());
        }
        let source = self.read_source(number)?;
        let mut recent = unlock(&self.recent);
        if RECENT <= recent.texts.len() || RECENT_BYTES < recent.bytes {
            *recent = Recent::default();
        }
        recent.bytes += source.text.len();
        recent.texts.push((number, source.clone()));
        Ok(source)
    }

    fn read_source(&self, number: usize) -> Result<Arc<Source>, FileError> {
        let Some(file) = self.input.list.get(number) else {
            return Ok(Arc::new(Source::new(String::new(), String::new())));
        };
        Ok(Arc::new(Source::new(file.listed.name.clone(), file.read()?)))
    }
}

fn settle_alone(files: Vec<usize>, mut draft: Box<Draft>, taken: &mut Taken) -> Settled {
    let mut texts = Texts::new(files);
    draft.settle_lines(taken, &mut texts);
    draft.claim_names(taken, &mut texts);
    Settled::Alone(draft, texts)
}
