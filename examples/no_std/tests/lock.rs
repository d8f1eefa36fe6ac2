//! What the lock opens.

use doors::Lock;
use doors::policies::policy::{CARETAKER, VISITOR};

#[test]
fn visitors_come_in_by_day() {
    let lock = Lock::new().expect("the build script wrote it");
    assert!(lock.opens(VISITOR, "arn:aws:door:::lobby/1", 9));
    assert!(!lock.opens(VISITOR, "arn:aws:door:::lobby/1", 18));
    assert!(!lock.opens(VISITOR, "arn:aws:door:::lab/1", 9));
    assert!(!lock.opens(VISITOR, "arn:aws:door:::lobby/vault", 9));
}

#[test]
fn the_caretaker_comes_in_always() {
    let lock = Lock::new().expect("the build script wrote it");
    assert!(lock.opens(CARETAKER, "arn:aws:door:::lab/1", 23));
    assert!(lock.opens(CARETAKER, "arn:aws:door:::lobby/vault", 23));
}
