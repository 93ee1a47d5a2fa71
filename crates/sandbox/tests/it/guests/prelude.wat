;; What every test guest begins with. Bytes 0 to 31 are scratch, strings begin at 1024, the buffer
;; at 65536. A call that fails ends the guest with its error number as exit code.
(import "wasi_snapshot_preview1" "path_open"
  (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
(import "wasi_snapshot_preview1" "path_filestat_get"
  (func $path_filestat_get (param i32 i32 i32 i32 i32) (result i32)))
(import "wasi_snapshot_preview1" "path_unlink_file"
  (func $path_unlink_file (param i32 i32 i32) (result i32)))
(import "wasi_snapshot_preview1" "path_create_directory"
  (func $path_create_directory (param i32 i32 i32) (result i32)))
(import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
(import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
(import "wasi_snapshot_preview1" "fd_seek" (func $fd_seek (param i32 i64 i32 i32) (result i32)))
(import "wasi_snapshot_preview1" "fd_readdir"
  (func $fd_readdir (param i32 i32 i32 i64 i32) (result i32)))
(import "wasi_snapshot_preview1" "fd_close" (func $fd_close (param i32) (result i32)))
(import "wasi_snapshot_preview1" "args_sizes_get" (func $args_sizes_get (param i32 i32) (result i32)))
(import "wasi_snapshot_preview1" "args_get" (func $args_get (param i32 i32) (result i32)))
(import "wasi_snapshot_preview1" "environ_sizes_get"
  (func $environ_sizes_get (param i32 i32) (result i32)))
(import "wasi_snapshot_preview1" "environ_get" (func $environ_get (param i32 i32) (result i32)))
(import "wasi_snapshot_preview1" "clock_time_get"
  (func $clock_time_get (param i32 i64 i32) (result i32)))
(import "wasi_snapshot_preview1" "poll_oneoff"
  (func $poll_oneoff (param i32 i32 i32 i32) (result i32)))
(import "wasi_snapshot_preview1" "random_get" (func $random_get (param i32 i32) (result i32)))
(import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
(memory (export "memory") 4)
(data (i32.const 1024) "in/data")
(data (i32.const 1040) "out/result")
(data (i32.const 1056) "out/other")
(data (i32.const 1072) "in")
(data (i32.const 1076) "out")
(data (i32.const 1088) "hello\n")
(func $must (param $errno i32)
  (if (local.get $errno) (then (call $proc_exit (local.get $errno)))))
(func $try_open (param $path i32) (param $length i32) (param $how i32) (param $rights i64) (result i32)
  (call $path_open (i32.const 3) (i32.const 0) (local.get $path) (local.get $length)
    (local.get $how) (local.get $rights) (i64.const 0) (i32.const 0) (i32.const 16)))
(func $open (param $path i32) (param $length i32) (param $how i32) (param $rights i64) (result i32)
  (call $must (call $try_open (local.get $path) (local.get $length) (local.get $how) (local.get $rights)))
  (i32.load (i32.const 16)))
(func $open_data (result i32)
  (call $open (i32.const 1024) (i32.const 7) (i32.const 0) (i64.const 2)))
;; Asks for reading too, as Go does.
(func $open_result (result i32)
  (call $open (i32.const 1040) (i32.const 10) (i32.const 9) (i64.const 66)))
(func $read (param $fd i32) (param $length i32) (result i32)
  (i32.store (i32.const 0) (i32.const 65536))
  (i32.store (i32.const 4) (local.get $length))
  (call $must (call $fd_read (local.get $fd) (i32.const 0) (i32.const 1) (i32.const 8)))
  (i32.load (i32.const 8)))
(func $write (param $fd i32) (param $from i32) (param $length i32)
  (i32.store (i32.const 0) (local.get $from))
  (i32.store (i32.const 4) (local.get $length))
  (call $must (call $fd_write (local.get $fd) (i32.const 0) (i32.const 1) (i32.const 8))))
(func $seek (param $fd i32) (param $to i64)
  (call $must (call $fd_seek (local.get $fd) (local.get $to) (i32.const 0) (i32.const 24))))
