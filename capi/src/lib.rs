//! The C interface of the runtime: loads artifacts, decides requests, resolves names.
//!
//! Comes in: what C passes, believed in nothing but that a pointer which is neither null nor misaligned points at as many
//! elements as its count says. Goes out: codes, decisions and texts that point into the artifact. Null pointers, bad UTF-8,
//! unknown numbers and structures of another size are errors, and an error is a deny.
//!
//! This is the one package that does not forbid `unsafe`: its business is pointers. Each block says why it is sound.
//! `abi` holds what the header declares, `read` turns it into Rust, `handle` owns what C holds, `failure` tells what went
//! wrong, `platform` is memory and the end of everything.
#![no_std]

extern crate alloc;

mod abi;
mod answer;
mod failure;
mod handle;
mod platform;
mod read;

use abi::{Error, Notes, Question, RequiredKey, ResolvedQuestion, Text, Verdict, Who};
use answer::{DENIED, verdict};
use failure::{Failure, finish};
use handle::{Action, Handle, Key, ResolvedWho};
use iamc::terms::KeySource;
use iamc::{Decision, Tables};
use read::{Resolved, Strings, given, place, slice};

/// Version of the library, as text.
#[unsafe(no_mangle)]
pub extern "C" fn iamc_version() -> Text {
    Text::of(env!("CARGO_PKG_VERSION"))
}

/// Version of the artifact format that the library reads; it refuses every other one.
#[unsafe(no_mangle)]
pub extern "C" fn iamc_format_version() -> u32 {
    Tables::FORMAT_VERSION
}

/// Checks an artifact and copies it; `*tables` is then to be freed with `iamc_free`. Costs one pass over the bytes.
///
/// `*tables` is null on failure. `error` may be null, here and everywhere.
///
/// # Safety
///
/// `bytes` points at `length` bytes, `tables` and `error` at one of theirs each, or they are null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iamc_load(
    bytes: *const u8,
    length: usize,
    tables: *mut *mut Handle,
    error: *mut Error,
) -> u32 {
    // SAFETY: promised above.
    let bytes = unsafe { slice(bytes, length, "bytes") };
    let loaded = bytes.and_then(Handle::copy);
    // SAFETY: promised above.
    unsafe { hand_over(loaded, tables, error, "tables") }
}

/// The same without a copy, for bytes that stay: static ones, or a mapped file.
///
/// # Safety
///
/// As for `iamc_load`; besides, the bytes neither change nor go away before the tables are freed and everything that was
/// resolved with them.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iamc_load_borrowed(
    bytes: *const u8,
    length: usize,
    tables: *mut *mut Handle,
    error: *mut Error,
) -> u32 {
    // SAFETY: promised above; that the bytes stay makes them as good as static ones.
    let bytes = unsafe { slice::<u8>(bytes, length, "bytes") };
    let loaded = bytes.and_then(Handle::borrow);
    // SAFETY: promised above.
    unsafe { hand_over(loaded, tables, error, "tables") }
}

/// Frees tables; null is nothing. What was resolved with them stays usable and has to be freed itself; texts of decisions
/// do not.
///
/// # Safety
///
/// `tables` came from this library, and nobody uses it from now on.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iamc_free(tables: *mut Handle) {
    // SAFETY: promised above.
    unsafe { handle::free(tables) };
}

/// Whether a request is allowed: `true` only if every layer agrees, `false` for everything else, errors included.
///
/// Costs what a decision costs and one or two allocations for the lists of the request. May be called from several threads
/// at once, as all functions here with the same tables.
///
/// # Safety
///
/// `tables` came from this library; `request` and what it holds point at what their counts say, or are null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iamc_is_allowed(tables: *const Handle, request: *const Question) -> bool {
    // SAFETY: promised above.
    let decision = unsafe { asked(tables, request, Tables::decide) };
    decision.is_ok_and(Decision::is_allowed)
}

/// Decides a request. On failure the decision is an implicit deny by no layer.
///
/// `IAMC_OK` says that there is an answer, not that it is yes: look at `decision->effect`.
///
/// # Safety
///
/// As for `iamc_is_allowed`; `decision` and `error` point at one of theirs each, or are null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iamc_decide(
    tables: *const Handle,
    request: *const Question,
    decision: *mut Verdict,
    error: *mut Error,
) -> u32 {
    // SAFETY: promised above.
    let answer = unsafe {
        asked(tables, request, |tables, request| {
            let decision = tables.decide(request);
            // Only a request without an answer is denied by no layer; why, only the long way says.
            if matches!(decision, Decision::ImplicitDeny(layers) if layers.is_empty()) {
                tables.explain(request)?;
            }
            Ok(verdict(tables, request.session_tables, decision, None))
        })
    };
    // SAFETY: promised above.
    unsafe { write_answer(answer.and_then(|answer| answer), decision, error) }
}

/// Decides a request and names all layers that deny or lack an allow; `notes` may be null.
///
/// # Safety
///
/// As for `iamc_decide`; `notes` points at one of its kind, or is null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iamc_explain(
    tables: *const Handle,
    request: *const Question,
    decision: *mut Verdict,
    notes: *mut Notes,
    error: *mut Error,
) -> u32 {
    // SAFETY: promised above.
    let answer = unsafe {
        asked(tables, request, |tables, request| {
            let explanation = tables.explain(request)?;
            let blockers = Some(explanation.blockers);
            Ok((verdict(tables, request.session_tables, explanation.decision, blockers), explanation))
        })
    };
    let (answer, said) = match answer.and_then(|answer| answer) {
        Ok((answer, explanation)) => (Ok(answer), answer::notes(&explanation)),
        Err(failure) => (Err(failure), answer::NO_NOTES),
    };
    // SAFETY: promised above.
    let notes = unsafe { place(notes, "notes") };
    if let Ok(notes) = notes {
        *notes = said;
    }
    // SAFETY: promised above.
    unsafe { write_answer(answer, decision, error) }
}

/// Sets `ignored[i]` for each key of the request's context: whether its value is ignored, because principal, resource or
/// artifact say something else. `count` must be `request->context_count`.
///
/// # Safety
///
/// As for `iamc_is_allowed`; `ignored` points at `count` elements, `error` at one, or they are null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iamc_ignored_keys(
    tables: *const Handle,
    request: *const Question,
    ignored: *mut bool,
    count: usize,
    error: *mut Error,
) -> u32 {
    let answer = if count == 0 {
        Ok(&mut [][..])
    } else {
        // SAFETY: promised above; C may not have initialised the elements, so they are only written.
        unsafe { read::places(ignored, count, "ignored") }
    };
    let answer = answer.and_then(|ignored| {
        ignored.fill(core::mem::MaybeUninit::new(false));
        // SAFETY: promised above.
        let told = unsafe {
            asked(tables, request, |tables, request| {
                if request.context.len() != count {
                    return Err(Failure::Value("`count` is not the request's `context_count`"));
                }
                tables.explain(request)?;
                tables.ignored_keys(request, |key| {
                    // The very text of the request, so that two spellings of a tag's key are told apart.
                    let at = request.context.iter().position(|(name, _)| core::ptr::eq(*name, key));
                    if let Some(ignored) = at.and_then(|at| ignored.get_mut(at)) {
                        *ignored = core::mem::MaybeUninit::new(true);
                    }
                });
                Ok(())
            })
        };
        told.and_then(|told| told)
    });
    // SAFETY: promised above.
    unsafe { finish(answer, error) }
}

/// Tells the context key number `index`, from 0, that the artifact can ask for, sorted by name; `false` behind the last.
///
/// # Safety
///
/// `tables` came from this library, `key` points at one of its kind, or they are null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iamc_required_key(tables: *const Handle, index: usize, key: *mut RequiredKey) -> bool {
    // SAFETY: promised above.
    let handle = unsafe { given(tables, "tables") };
    // SAFETY: promised above.
    let key = unsafe { place(key, "key") };
    let (Ok(handle), Ok(key)) = (handle, key) else { return false };
    let Some(required) = handle.tables().required_keys().nth(index) else { return false };
    *key =
        RequiredKey { name: Text::of(required.name), from_context: u32::from(required.source == KeySource::Context) };
    true
}

/// Tells the name number `index`, from 0, of the policies that requests may name, sorted; `false` behind the last.
///
/// # Safety
///
/// `tables` came from this library, `name` points at one of its kind, or they are null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iamc_policy_name(tables: *const Handle, index: usize, name: *mut Text) -> bool {
    // SAFETY: promised above.
    let handle = unsafe { given(tables, "tables") };
    // SAFETY: promised above.
    let name = unsafe { place(name, "name") };
    let (Ok(handle), Ok(name)) = (handle, name) else { return false };
    let Some(known) = handle.tables().policy_names().nth(index) else { return false };
    *name = Text::of(known);
    true
}

/// Resolves a principal, to be freed with `iamc_principal_free`: what the artifact knows of it is looked up once. A nameless
/// one cannot be resolved.
///
/// # Safety
///
/// `tables` came from this library; `principal`, `resolved` and `error` point at one of theirs each, or are null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iamc_resolve_principal(
    tables: *const Handle,
    principal: *const Who,
    resolved: *mut *mut ResolvedWho,
    error: *mut Error,
) -> u32 {
    // SAFETY: promised above.
    let handle = unsafe { given(tables, "tables") };
    // SAFETY: promised above.
    let found = handle.and_then(|handle| unsafe { ResolvedWho::resolve(handle, principal) });
    // SAFETY: promised above.
    unsafe { hand_over(found, resolved, error, "resolved") }
}

/// Resolves an action, `service:Name` in any case, to be freed with `iamc_action_free`.
///
/// # Safety
///
/// `tables` came from this library, `name` points at its bytes; `resolved` and `error` at one of theirs each, or are null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iamc_resolve_action(
    tables: *const Handle,
    name: Text,
    resolved: *mut *mut Action,
    error: *mut Error,
) -> u32 {
    // SAFETY: promised above.
    let handle = unsafe { given(tables, "tables") };
    // SAFETY: promised above.
    let name = unsafe { name.required("name") };
    let found = handle.and_then(|handle| Action::resolve(handle, name?));
    // SAFETY: promised above.
    unsafe { hand_over(found, resolved, error, "resolved") }
}

/// Resolves a context key in any case, to be freed with `iamc_key_free`; also one that no condition asks.
///
/// # Safety
///
/// As for `iamc_resolve_action`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iamc_resolve_key(
    tables: *const Handle,
    name: Text,
    resolved: *mut *mut Key,
    error: *mut Error,
) -> u32 {
    // SAFETY: promised above.
    let handle = unsafe { given(tables, "tables") };
    // SAFETY: promised above.
    let name = unsafe { name.required("name") };
    let found = handle.and_then(|handle| Key::resolve(handle, name?));
    // SAFETY: promised above.
    unsafe { hand_over(found, resolved, error, "resolved") }
}

/// Frees a resolved principal; null is nothing.
///
/// # Safety
///
/// `principal` came from this library, and nobody uses it from now on.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iamc_principal_free(principal: *mut ResolvedWho) {
    // SAFETY: promised above.
    unsafe { handle::free(principal) };
}

/// Frees a resolved action; null is nothing.
///
/// # Safety
///
/// `action` came from this library, and nobody uses it from now on.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iamc_action_free(action: *mut Action) {
    // SAFETY: promised above.
    unsafe { handle::free(action) };
}

/// Frees a resolved key; null is nothing.
///
/// # Safety
///
/// `key` came from this library, and nobody uses it from now on.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iamc_key_free(key: *mut Key) {
    // SAFETY: promised above.
    unsafe { handle::free(key) };
}

/// Decides a request in resolved names, as `iamc_decide` decides the same one in texts. Names that another artifact
/// resolved are an error, and denied.
///
/// # Safety
///
/// `tables` and what the request names came from this library; the rest as for `iamc_decide`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iamc_decide_resolved(
    tables: *const Handle,
    request: *const ResolvedQuestion,
    decision: *mut Verdict,
    error: *mut Error,
) -> u32 {
    // SAFETY: promised above.
    let handle = unsafe { given(tables, "tables") };
    // SAFETY: promised above.
    let answer = handle.and_then(|handle| unsafe { Resolved::ask(handle, request) });
    // SAFETY: promised above.
    unsafe { write_answer(answer, decision, error) }
}

/// Asks with a request of C's.
///
/// # Safety
///
/// As for `iamc_is_allowed`.
unsafe fn asked<T>(
    tables: *const Handle,
    request: *const Question,
    ask: impl FnOnce(&Tables<'static>, &iamc::Request<'_>) -> T,
) -> Result<T, Failure> {
    // SAFETY: promised above.
    let handle = unsafe { given(tables, "tables") }?;
    // SAFETY: promised above.
    let question = unsafe { given(request, "request") }?;
    // SAFETY: promised above.
    let strings = unsafe { Strings::read(question) }?;
    let context = strings.context()?;
    strings.with(&context, |request| ask(handle.tables(), request))
}

/// Writes a decision, or the deny that stands for a failure.
///
/// # Safety
///
/// `decision` and `error` point at one of theirs each, or are null.
unsafe fn write_answer(answer: Result<Verdict, Failure>, decision: *mut Verdict, error: *mut Error) -> u32 {
    // SAFETY: promised above.
    let place = unsafe { place(decision, "decision") };
    let answer = match (answer, place) {
        (Ok(answer), Ok(place)) => {
            *place = answer;
            Ok(())
        }
        (Err(failure), Ok(place)) => {
            *place = DENIED;
            Err(failure)
        }
        (_, Err(failure)) => Err(failure),
    };
    // SAFETY: promised above.
    unsafe { finish(answer, error) }
}

/// Gives C what it has to free, or null.
///
/// # Safety
///
/// `out` and `error` point at one of theirs each, or are null.
unsafe fn hand_over<T: handle::Owned>(
    made: Result<T, Failure>,
    out: *mut *mut T,
    error: *mut Error,
    what: &'static str,
) -> u32 {
    // SAFETY: promised above.
    let place = unsafe { place(out, what) };
    let answer = place.and_then(|place| {
        *place = core::ptr::null_mut();
        *place = made?.into_raw()?;
        Ok(())
    });
    // SAFETY: promised above.
    unsafe { finish(answer, error) }
}
