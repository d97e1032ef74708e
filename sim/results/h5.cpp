#include "sim/results/h5.h"

#include <algorithm>
#include <cstring>

// HDF5 1.10 forgets memory of its own when it gives up on a damaged file, and Xerces (SUMO's XML parser) some at its
// end; that is no finding about gemeo.
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define GEMEO_ADDRESS_SANITIZER
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(GEMEO_ADDRESS_SANITIZER)
extern "C" char const* __lsan_default_suppressions() {  // NOLINT: the sanitizer's name
  return "leak:libhdf5\nleak:libxerces-c\nleak:libicu";
}
#endif

namespace gemeo::h5 {

namespace {

// At the end of a process HDF5 would flush once more what is still open, and crashes there when that is a file that
// could not be written (HDF5 1.10, full disk). Every file is closed by its owner, so there is nothing left to do then.
// Has to be said before anything else, hence at the start of the program.
[[maybe_unused]] herr_t const kNoFlushAtExit = H5dont_atexit();

// HDF5 buries the system's own words in "file write failed: ..., errno = 28, error message = 'No space left on device',
// ..."
std::string readable(std::string const& text) {
  constexpr std::string_view kMark = "error message = '";
  std::size_t const at = text.find(kMark);
  if (at == std::string::npos) return text;
  std::size_t const begin = at + kMark.size();
  return text.substr(begin, text.find('\'', begin) - begin);
}

herr_t keep_first(unsigned, H5E_error2_t const* e, void* out) {
  auto& text = *static_cast<std::string*>(out);
  if (text.empty() && e->desc != nullptr) text = e->desc;
  return 0;
}

}  // namespace

void quiet() {
  thread_local bool done = false;
  if (done) return;
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
  done = true;
}

std::string last_error() {
  std::string text;
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, keep_first, &text);
  H5Eclear2(H5E_DEFAULT);
  return text.empty() ? "HDF5 gives no reason" : readable(text);
}

handle fixed_string(std::size_t width) {
  quiet();
  handle t(H5Tcopy(H5T_C_S1), H5Tclose);
  H5Tset_size(t, std::max<std::size_t>(width, 1));
  H5Tset_cset(t, H5T_CSET_UTF8);
  H5Tset_strpad(t, H5T_STR_NULLPAD);
  return t;
}

handle variable_string() {
  quiet();
  handle t(H5Tcopy(H5T_C_S1), H5Tclose);
  H5Tset_size(t, H5T_VARIABLE);
  H5Tset_cset(t, H5T_CSET_UTF8);
  return t;
}

std::string pack(std::span<std::string const> names, std::size_t width) {
  std::string out(names.size() * width, '\0');
  for (std::size_t i = 0; i < names.size(); ++i) {
    std::memcpy(out.data() + i * width, names[i].data(), std::min(names[i].size(), width));
  }
  return out;
}

std::size_t widest(std::span<std::string const> names) {
  std::size_t w = 1;
  for (std::string const& n : names) w = std::max(w, n.size());
  return w;
}

}  // namespace gemeo::h5
