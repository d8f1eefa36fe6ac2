//! Links `Tables::load` and `Tables::decide`, and decides twice with every condition operator.
//!
//! Comes in: the artifact of `operators.json`, embedded. Goes out: the exit status, or the value of `decide_all` in a
//! module: how many decisions were wrong. Exists to be weighed: no allocator, no standard library, no formatting.
#![no_std]
#![no_main]

use core::hint::black_box;

use iamc::{Principal, Request, Tables, Value};

/// The artifact. In a section of its own, so that `.rodata` holds what belongs to the code. (In a module a section of
/// its own would not be loaded.)
// SAFETY: nothing else is in that section, and nothing there is run.
#[cfg_attr(not(target_family = "wasm"), unsafe(link_section = ".artifact"))]
static ARTIFACT: [u8; include_bytes!(env!("IAMC_ARTIFACT", "build with benches/size/run")).len()] =
    *include_bytes!(env!("IAMC_ARTIFACT"));

/// An operator, a value of the context key `size:key` that its statement in `operators.json` accepts, and one that it
/// does not.
struct Case {
    operator: &'static str,
    accepted: Value<'static>,
    refused: Value<'static>,
}

const fn one(operator: &'static str, accepted: &'static str, refused: &'static str) -> Case {
    Case { operator, accepted: Value::One(accepted), refused: Value::One(refused) }
}

static CASES: [Case; 29] = [
    one("size:StringEquals", "apple", "Apple"),
    one("size:StringNotEquals", "Apple", "apple"),
    one("size:StringEqualsIgnoreCase", "APPLE", "pear"),
    one("size:StringNotEqualsIgnoreCase", "pear", "APPLE"),
    one("size:StringLike", "apple pie", "pie"),
    one("size:StringNotLike", "pie", "apple pie"),
    one("size:NumericEquals", "7.0", "8"),
    one("size:NumericNotEquals", "8", "7.0"),
    one("size:NumericLessThan", "6.5", "7"),
    one("size:NumericLessThanEquals", "7", "7.5"),
    one("size:NumericGreaterThan", "7.5", "7"),
    one("size:NumericGreaterThanEquals", "7", "6.5"),
    one("size:DateEquals", "2026-01-01T01:00:00+01:00", "2026-01-02T00:00:00Z"),
    one("size:DateNotEquals", "2026-01-02T00:00:00Z", "2026-01-01T01:00:00+01:00"),
    one("size:DateLessThan", "2025-12-31T23:59:59Z", "2026-01-01T00:00:00Z"),
    one("size:DateLessThanEquals", "2026-01-01T00:00:00Z", "2026-01-01T00:00:01Z"),
    one("size:DateGreaterThan", "2026-01-01T00:00:01Z", "2026-01-01T00:00:00Z"),
    one("size:DateGreaterThanEquals", "2026-01-01T00:00:00Z", "2025-12-31T23:59:59Z"),
    one("size:Bool", "true", "false"),
    one("size:BinaryEquals", "QUJD", "QUJE"),
    one("size:IpAddress", "10.1.2.3", "11.1.2.3"),
    one("size:NotIpAddress", "11.1.2.3", "10.1.2.3"),
    one("size:ArnEquals", "arn:aws:s3:::apple", "arn:aws:s3:::pear"),
    one("size:ArnNotEquals", "arn:aws:s3:::pear", "arn:aws:s3:::apple"),
    one("size:ArnLike", "arn:aws:s3:::apple/1", "arn:aws:s3:::pear/1"),
    one("size:ArnNotLike", "arn:aws:s3:::pear/1", "arn:aws:s3:::apple/1"),
    Case { operator: "size:Null", accepted: Value::List(&[]), refused: Value::One("apple") },
    Case {
        operator: "size:ForAllValues",
        accepted: Value::List(&["apple", "pear"]),
        refused: Value::List(&["apple", "plum"]),
    },
    Case {
        operator: "size:ForAnyValue",
        accepted: Value::List(&["plum", "apple"]),
        refused: Value::List(&["plum", "cherry"]),
    },
];

/// How many of the decisions are wrong; all of them if the artifact cannot be loaded.
fn wrong_decisions() -> i32 {
    // Behind the black boxes nothing is known: neither what the artifact holds, nor who asks for what.
    let Ok(tables) = Tables::load(black_box(&ARTIFACT)) else { return i32::MAX };
    let mut wrong = 0;
    for case in black_box(&CASES) {
        for (value, is_expected) in [(case.accepted, true), (case.refused, false)] {
            let context = [("size:key", value)];
            let request = Request::new(Principal::Nameless, case.operator, "arn:aws:s3:::orchard/tree");
            let request = black_box(request.policies(&["operators"]).context(&context));
            wrong += i32::from(tables.decide(&request).is_allowed() != is_expected);
        }
    }
    wrong
}

/// The program, as the C runtime starts it.
// SAFETY: the only `main` of the program, with a signature that C allows.
#[cfg(not(target_family = "wasm"))]
#[unsafe(no_mangle)]
extern "C" fn main() -> core::ffi::c_int {
    wrong_decisions()
}

/// The function of the module: how many of the decisions are wrong.
// SAFETY: no other symbol of the module has that name.
#[cfg(target_family = "wasm")]
#[unsafe(no_mangle)]
extern "C" fn decide_all() -> i32 {
    wrong_decisions()
}

// Comparing and copying memory are the C library's.
// SAFETY: declares no function.
#[cfg(not(target_family = "wasm"))]
#[link(name = "c")]
unsafe extern "C" {}

/// The runtime never panics; what the compiler cannot prove ends here.
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    loop {}
}
