# What every target of the project shares: language, warnings, libraries, and the function that makes a library of a folder.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "build type" FORCE)
endif()

add_library(gemeo_options INTERFACE)
target_compile_options(gemeo_options INTERFACE -Wall -Wextra -Wconversion -Wshadow -Werror -ffp-contract=off)
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # GCC 12 reports overlaps and overflows that are not there inside std::string (GCC bugs 105329, 105651).
  target_compile_options(gemeo_options INTERFACE -Wno-restrict -Wno-stringop-overflow -Wno-stringop-overread -Wno-array-bounds)
endif()
if(CMAKE_UNITY_BUILD)  # several sources compiled as one: what is private to a file is so still, but GCC cannot know
  target_compile_options(gemeo_options INTERFACE -Wno-subobject-linkage)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL Clang)  # the fuzz preset: Debian's libfmt is GCC's, whose names for some templates are others
  target_compile_definitions(gemeo_options INTERFACE FMT_HEADER_ONLY=1)
endif()
target_include_directories(gemeo_options INTERFACE ${CMAKE_SOURCE_DIR})
if(GEMEO_SANITIZE)
  target_compile_options(gemeo_options INTERFACE -fsanitize=${GEMEO_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")  # its manual: -fsanitize raises false ones, as of a variant's other members
    target_compile_options(gemeo_options INTERFACE -Wno-maybe-uninitialized)
  endif()
  string(REPLACE "fuzzer-no-link" "" link_sanitizers "${GEMEO_SANITIZE}")
  string(REGEX REPLACE ",$" "" link_sanitizers "${link_sanitizers}")
  target_link_options(gemeo_options INTERFACE -fsanitize=${link_sanitizers})
endif()

find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(fmt REQUIRED)
find_package(ZLIB REQUIRED)
find_package(EXPAT REQUIRED)
find_package(TBB REQUIRED)
find_package(Eigen3 REQUIRED NO_MODULE)
# In Debug builds oneTBB asks for checks of its own (TBB_USE_DEBUG), by which headers compiled before do not fit any more.
set_property(TARGET TBB::tbb PROPERTY INTERFACE_COMPILE_DEFINITIONS)
find_package(nlohmann_json REQUIRED)
pkg_check_modules(XXHASH REQUIRED IMPORTED_TARGET libxxhash)
pkg_check_modules(HDF5 REQUIRED IMPORTED_TARGET hdf5)
pkg_check_modules(PROJ REQUIRED IMPORTED_TARGET proj)
pkg_check_modules(JEMALLOC REQUIRED IMPORTED_TARGET jemalloc)

# gemeo_library(name [FAST|READ_ONCE] SOURCES a.cpp ... DEPENDS gemeo_core ... EXTERNAL fmt::fmt ... PRECOMPILE <heavy.h> ...)
# One static library per folder, sources listed explicitly. Without sources: an interface library.
# FAST: a simulation spends its time there, so a release keeps -O3; elsewhere -O2, which compiles in five sixths of the
# time; READ_ONCE: what runs once a scenario, at -O1. All give the same results, bit by bit: none of these levels changes
# arithmetic.
function(gemeo_library name)
  cmake_parse_arguments(arg "FAST;READ_ONCE" "" "SOURCES;DEPENDS;EXTERNAL;PRECOMPILE" ${ARGN})
  if(arg_SOURCES)
    add_library(${name} STATIC ${arg_SOURCES})
    target_link_libraries(${name} PUBLIC ${arg_DEPENDS} PRIVATE gemeo_options ${arg_EXTERNAL})
    if(arg_READ_ONCE)
      target_compile_options(${name} PRIVATE $<$<CONFIG:Release>:-O1>)
    elseif(NOT arg_FAST)
      target_compile_options(${name} PRIVATE $<$<CONFIG:Release>:-O2>)
    endif()
    gemeo_precompile(${name} ${arg_PRECOMPILE})
  else()
    add_library(${name} INTERFACE)
    target_link_libraries(${name} INTERFACE ${arg_DEPENDS})
  endif()
endfunction()

# gemeo_read_once(a.cpp ...): what runs once for each input or output, not for each tick. -O1 compiles fastest.
function(gemeo_read_once)
  set_source_files_properties(${ARGN} PROPERTIES COMPILE_OPTIONS $<$<CONFIG:Release>:-O1>)
endfunction()

# The common headers are compiled once, for gemeo_core, and lent to all; who names further ones has its own.
function(gemeo_precompile name)
  if(NOT GEMEO_PCH)
    return()
  endif()
  if(name STREQUAL gemeo_core OR ARGN)
    target_precompile_headers(${name} PRIVATE <string> <vector> <map> <unordered_map> <memory> <optional> <filesystem>
                              <functional> <algorithm> <span> <fmt/core.h> ${ARGN})
  else()
    target_precompile_headers(${name} REUSE_FROM gemeo_core)
  endif()
endfunction()

# gemeo_wide_pages(program): what simulates has its memory from jemalloc, in pages of 2 MB. Sanitizers have an own malloc.
function(gemeo_wide_pages name)
  if(NOT GEMEO_SANITIZE)
    target_sources(${name} PRIVATE ${CMAKE_SOURCE_DIR}/sim/core/wide_pages.cpp)
    target_link_libraries(${name} PRIVATE PkgConfig::JEMALLOC)
  endif()
endfunction()
