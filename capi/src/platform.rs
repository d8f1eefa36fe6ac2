//! Memory, and the end of everything.
//!
//! Natively memory is the C library's, so that tools which watch it see ours too. A module has no C library: there it is
//! `dlmalloc`, and the host of the module gets buffers in it by two functions.

/// Ends the process; in a module, the call.
fn end() -> ! {
    #[cfg(target_family = "wasm")]
    core::arch::wasm32::unreachable();
    #[cfg(not(target_family = "wasm"))]
    // SAFETY: `abort` can always be called.
    unsafe {
        native::abort()
    }
}

/// The runtime never panics; what the compiler cannot prove ends here.
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    end()
}

#[cfg(not(target_family = "wasm"))]
mod native {
    use core::alloc::{GlobalAlloc, Layout};
    use core::ffi::{c_int, c_void};

    // SAFETY: declared as the C library defines them.
    #[link(name = "c")]
    unsafe extern "C" {
        pub(super) fn abort() -> !;
        fn posix_memalign(out: *mut *mut c_void, alignment: usize, size: usize) -> c_int;
        fn malloc(size: usize) -> *mut c_void;
        fn free(pointer: *mut c_void);
    }

    /// What `malloc` aligns to at least, everywhere.
    const MALLOC_ALIGNMENT: usize = size_of::<usize>();

    struct CLibrary;

    #[global_allocator]
    static MEMORY: CLibrary = CLibrary;

    // SAFETY: both kinds of memory have the size and the alignment of the layout, belong to nobody else, and are given
    // back by `free`; null says that there is none.
    unsafe impl GlobalAlloc for CLibrary {
        unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
            if layout.align() <= MALLOC_ALIGNMENT {
                // SAFETY: `malloc` can be called with any size.
                return unsafe { malloc(layout.size()) }.cast();
            }
            let mut out = core::ptr::null_mut();
            // SAFETY: the alignment is a power of two and more than a pointer's size.
            let failed = unsafe { posix_memalign(&raw mut out, layout.align(), layout.size()) };
            if failed == 0 { out.cast() } else { core::ptr::null_mut() }
        }

        unsafe fn dealloc(&self, pointer: *mut u8, _: Layout) {
            // SAFETY: it came from `alloc` above, as the caller promises.
            unsafe { free(pointer.cast()) };
        }
    }
}

#[cfg(target_family = "wasm")]
mod module {
    use core::alloc::Layout;

    #[global_allocator]
    static MEMORY: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

    /// Alignment of every structure in the header.
    const ALIGNMENT: usize = 8;

    fn layout(bytes: usize) -> Option<Layout> {
        Layout::from_size_align(bytes.max(1), ALIGNMENT).ok()
    }

    /// A buffer of the module's memory for its host, aligned for every structure; null if there is none.
    #[unsafe(no_mangle)]
    pub extern "C" fn iamc_buffer(bytes: usize) -> *mut u8 {
        // SAFETY: the layout is not empty.
        layout(bytes).map_or(core::ptr::null_mut(), |layout| unsafe { alloc::alloc::alloc(layout) })
    }

    /// Frees a buffer of as many bytes; null is nothing.
    ///
    /// # Safety
    ///
    /// It came from `iamc_buffer` with this size, and nobody uses it from now on.
    #[unsafe(no_mangle)]
    pub unsafe extern "C" fn iamc_buffer_free(buffer: *mut u8, bytes: usize) {
        if let Some(layout) = layout(bytes).filter(|_| !buffer.is_null()) {
            // SAFETY: promised above; `iamc_buffer` used the same layout.
            unsafe { alloc::alloc::dealloc(buffer, layout) };
        }
    }
}
