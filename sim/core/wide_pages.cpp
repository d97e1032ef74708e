// Memory in pages of 2 MB, asked of the kernel by jemalloc, which takes the place of malloc in the programs: a city's
// lanes and vehicles are read in no order of memory, and with pages of 4 KB some fifth of the time goes into finding
// out where they are. jemalloc reads this when a program starts; MALLOC_CONF in the environment overrides it
// (jemalloc(3), "thp"). Without such pages only malloc is another.
extern "C" {
extern char const* malloc_conf;
char const* malloc_conf = "thp:always,metadata_thp:always";
}
