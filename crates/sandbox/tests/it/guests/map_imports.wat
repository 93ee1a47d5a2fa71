;; `adyton:enclave/oblivious-map` in core types, before the prelude.
(import "adyton:enclave/oblivious-map@0.1.0" "[static]map.create"
  (func $map_create (param i64 i32 i32 i32 i32)))
(import "adyton:enclave/oblivious-map@0.1.0" "[method]map.get"
  (func $map_get (param i32 i32 i32 i32)))
(import "adyton:enclave/oblivious-map@0.1.0" "[method]map.put"
  (func $map_put (param i32 i32 i32 i32 i32 i32)))
(import "adyton:enclave/oblivious-map@0.1.0" "[method]map.remove"
  (func $map_remove (param i32 i32 i32 i32)))
(import "adyton:enclave/oblivious-map@0.1.0" "[method]map.access"
  (func $map_access (param i32 i32 i32 i32 i32 i32 i32 i32)))
(import "adyton:enclave/oblivious-map@0.1.0" "[resource-drop]map" (func $map_drop (param i32)))
