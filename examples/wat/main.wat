;; Counts the lines of /in/data and writes the number to /out/result, in WebAssembly by hand.
;; Descriptor 3 is the directory `/`. Every call of WASI preview 1 returns 0 if it succeeded.
(module
  (import "wasi_snapshot_preview1" "path_open"
    (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_close" (func $fd_close (param i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))

  ;; 0: buffer address, 4: buffer length, 8: the call's result; 16: paths; 64 to 95: the number's
  ;; digits, written from the end; 4096: the chunk that is read
  (memory (export "memory") 2)
  (data (i32.const 16) "in/data")
  (data (i32.const 32) "out/result")

  ;; Ends the program if a call failed.
  (func $must (param $failed i32)
    (if (local.get $failed) (then (call $proc_exit (i32.const 1)))))

  (func $open (param $path i32) (param $length i32) (param $how i32) (param $rights i64) (result i32)
    (call $must (call $path_open (i32.const 3) (i32.const 0) (local.get $path) (local.get $length)
      (local.get $how) (local.get $rights) (i64.const 0) (i32.const 0) (i32.const 8)))
    (i32.load (i32.const 8)))

  ;; How many of the bytes from `at` to `end` are newlines.
  (func $newlines (param $at i32) (param $end i32) (result i64)
    (local $found i64)
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $at) (local.get $end)))
        (local.set $found (i64.add (local.get $found)
          (i64.extend_i32_u (i32.eq (i32.load8_u (local.get $at)) (i32.const 10)))))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br $next)))
    (local.get $found))

  ;; Writes the digits of `number` and a newline up to address 96, and returns where they begin.
  (func $digits (param $number i64) (result i32)
    (local $at i32)
    (local.set $at (i32.const 95))
    (i32.store8 (local.get $at) (i32.const 10))
    (loop $next
      (local.set $at (i32.sub (local.get $at) (i32.const 1)))
      (i32.store8 (local.get $at)
        (i32.add (i32.const 48) (i32.wrap_i64 (i64.rem_u (local.get $number) (i64.const 10)))))
      (local.set $number (i64.div_u (local.get $number) (i64.const 10)))
      (br_if $next (i64.ne (local.get $number) (i64.const 0))))
    (local.get $at))

  (func (export "_start")
    (local $in i32) (local $out i32) (local $lines i64) (local $at i32)
    (local.set $in (call $open (i32.const 16) (i32.const 7) (i32.const 0) (i64.const 2)))      ;; right to read
    (local.set $out (call $open (i32.const 32) (i32.const 10) (i32.const 9) (i64.const 64)))   ;; create, truncate; right to write
    (block $end
      (loop $next
        (i32.store (i32.const 0) (i32.const 4096))
        (i32.store (i32.const 4) (i32.const 65536))
        (call $must (call $fd_read (local.get $in) (i32.const 0) (i32.const 1) (i32.const 8)))
        (br_if $end (i32.eqz (i32.load (i32.const 8))))
        (local.set $lines (i64.add (local.get $lines)
          (call $newlines (i32.const 4096) (i32.add (i32.const 4096) (i32.load (i32.const 8))))))
        (br $next)))
    (local.set $at (call $digits (local.get $lines)))
    (i32.store (i32.const 0) (local.get $at))
    (i32.store (i32.const 4) (i32.sub (i32.const 96) (local.get $at)))
    (call $must (call $fd_write (local.get $out) (i32.const 0) (i32.const 1) (i32.const 8)))
    (call $must (call $fd_close (local.get $out)))))
