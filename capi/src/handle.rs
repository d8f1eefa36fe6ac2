//! What C holds and frees: tables, and names resolved with them.
//!
//! Tables are counted by their users, so that resolved names outlive a table that is freed before them.

use alloc::alloc::{alloc, dealloc};
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::alloc::Layout;

use iamc::{ResolvedAction, ResolvedKey, ResolvedPrincipal, Tables};

use crate::abi::Who;
use crate::failure::Failure;
use crate::read::{given, other_names, principal};

/// Tables with the artifact that they borrow.
#[derive(Debug)]
struct Artifact {
    /// Borrows `bytes`, or bytes that C keeps.
    tables: Tables<'static>,
    /// Invariant: neither changed nor moved, so what is on the heap stays where it is.
    _bytes: Vec<u8>,
}

/// A loaded artifact.
#[derive(Debug)]
pub struct Handle {
    artifact: Arc<Artifact>,
}

impl Handle {
    /// Loads a copy.
    pub(crate) fn copy(bytes: &[u8]) -> Result<Self, Failure> {
        let mut copy = Vec::new();
        copy.try_reserve_exact(bytes.len())?;
        copy.extend_from_slice(bytes);
        // SAFETY: the bytes stay on the heap as long as the tables, beside which they are kept.
        let kept = unsafe { stay(copy.as_slice()) };
        let tables = Tables::load(kept).map_err(Failure::Load)?;
        Ok(Self { artifact: Arc::new(Artifact { tables, _bytes: copy }) })
    }

    /// Loads bytes that stay where they are.
    pub(crate) fn borrow(bytes: &'static [u8]) -> Result<Self, Failure> {
        let tables = Tables::load(bytes).map_err(Failure::Load)?;
        Ok(Self { artifact: Arc::new(Artifact { tables, _bytes: Vec::new() }) })
    }

    /// The tables.
    pub(crate) fn tables(&self) -> &Tables<'static> {
        &self.artifact.tables
    }

    /// The tables for somebody who keeps the artifact as well.
    fn shared(&self) -> (&'static Tables<'static>, Arc<Artifact>) {
        let artifact = Arc::clone(&self.artifact);
        // SAFETY: the artifact stays on the heap as long as anybody keeps it, and is never written to.
        let tables = unsafe { &*core::ptr::from_ref(&artifact.tables) };
        (tables, artifact)
    }
}

/// Bytes for longer than the borrow checker knows.
///
/// # Safety
///
/// They stay unchanged where they are as long as anybody uses them.
unsafe fn stay(bytes: &[u8]) -> &'static [u8] {
    // SAFETY: promised above.
    unsafe { core::slice::from_raw_parts(bytes.as_ptr(), bytes.len()) }
}

/// A text that is kept beside what borrows it.
#[derive(Debug)]
struct Kept {
    _bytes: Vec<u8>,
}

/// Copies a text, to be kept beside what is made of it.
fn keep(text: &str) -> Result<(&'static str, Kept), Failure> {
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(text.len())?;
    bytes.extend_from_slice(text.as_bytes());
    // SAFETY: who calls keeps the bytes beside the text, neither changed nor moved from their place on the heap.
    let kept = unsafe { stay(bytes.as_slice()) };
    // The bytes of a text are one.
    let text = core::str::from_utf8(kept).map_err(|_| Failure::Utf8("name"))?;
    Ok((text, Kept { _bytes: bytes }))
}

/// A resolved principal.
#[derive(Debug)]
pub struct ResolvedWho {
    pub(crate) resolved: ResolvedPrincipal<'static>,
    _other_names: Vec<&'static str>,
    _texts: Vec<Kept>,
    _artifact: Arc<Artifact>,
}

impl ResolvedWho {
    /// Resolves it.
    ///
    /// # Safety
    ///
    /// `who` points at one of its kind with what it holds, or is null.
    pub(crate) unsafe fn resolve(handle: &Handle, who: *const Who) -> Result<Self, Failure> {
        // SAFETY: promised above.
        let who = unsafe { given(who, "principal") }?;
        let mut texts = Vec::new();
        let mut names = Vec::new();
        // SAFETY: promised above.
        for name in unsafe { other_names(who) }? {
            // SAFETY: promised above.
            let (name, kept) = keep(unsafe { name.required("other_names") }?)?;
            texts.try_reserve(1)?;
            texts.push(kept);
            names.try_reserve(1)?;
            names.push(name);
        }
        // SAFETY: the names stay on the heap as long as what is resolved, beside which they are kept.
        let lent = unsafe { core::slice::from_raw_parts(names.as_ptr(), names.len()) };
        // SAFETY: promised above.
        let principal = unsafe {
            principal(who, lent, |text| {
                let (text, kept) = keep(text)?;
                texts.try_reserve(1)?;
                texts.push(kept);
                Ok(text)
            })
        }?;
        let (tables, artifact) = handle.shared();
        let resolved = tables.principal(principal)?;
        Ok(Self { resolved, _other_names: names, _texts: texts, _artifact: artifact })
    }
}

/// A resolved action.
#[derive(Debug)]
pub struct Action {
    pub(crate) resolved: ResolvedAction<'static>,
    _name: Kept,
}

impl Action {
    pub(crate) fn resolve(handle: &Handle, name: &str) -> Result<Self, Failure> {
        let (name, kept) = keep(name)?;
        Ok(Self { resolved: handle.tables().action(name)?, _name: kept })
    }
}

/// A resolved context key.
#[derive(Debug)]
pub struct Key {
    pub(crate) resolved: ResolvedKey<'static>,
    _name: Kept,
}

impl Key {
    pub(crate) fn resolve(handle: &Handle, name: &str) -> Result<Self, Failure> {
        let (name, kept) = keep(name)?;
        Ok(Self { resolved: handle.tables().key(name), _name: kept })
    }
}

/// What C gets a pointer to and frees.
pub(crate) trait Owned: Sized {
    /// Moves it to the heap.
    fn into_raw(self) -> Result<*mut Self, Failure> {
        // SAFETY: no type here is empty.
        let place = unsafe { alloc(Layout::new::<Self>()) }.cast::<Self>();
        if place.is_null() {
            return Err(Failure::Memory);
        }
        // SAFETY: the place is new and has size and alignment of the type.
        unsafe { place.write(self) };
        Ok(place)
    }
}

impl Owned for Handle {}
impl Owned for ResolvedWho {}
impl Owned for Action {}
impl Owned for Key {}

/// Drops what `into_raw` moved to the heap; null is nothing.
///
/// # Safety
///
/// It came from `into_raw`, and nobody uses it from now on.
pub(crate) unsafe fn free<T: Owned>(place: *mut T) {
    if place.is_null() {
        return;
    }
    // SAFETY: promised above.
    unsafe { place.drop_in_place() };
    // SAFETY: `into_raw` used this layout.
    unsafe { dealloc(place.cast(), Layout::new::<T>()) };
}
