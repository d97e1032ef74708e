// Replays a corpus through a fuzz target, without libFuzzer: every file below the folders named, in order of name,
// whole and cut at a few places, so that each file stands for several inputs. Ends with 2 when there is no file: a test
// of nothing is no test.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size);

int main(int argc, char** argv) {
  std::vector<std::filesystem::path> files;
  for (int i = 1; i < argc; ++i) {
    for (auto const& entry : std::filesystem::recursive_directory_iterator(argv[i])) {
      if (entry.is_regular_file()) files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  std::size_t inputs = 0;
  for (auto const& file : files) {
    std::ifstream in(file, std::ios::binary);
    std::vector<char> const text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    constexpr std::size_t kPieces = 16;
    for (std::size_t i = 0; i <= kPieces; ++i, ++inputs) {
      // A copy of exactly this size, so that reading past the end is seen by the sanitizers.
      std::vector<std::uint8_t> const piece(text.begin(),
                                            text.begin() + static_cast<std::ptrdiff_t>(text.size() * i / kPieces));
      LLVMFuzzerTestOneInput(piece.data(), piece.size());
    }
  }
  std::printf("%zu inputs from %zu files\n", inputs, files.size());
  return files.empty() ? 2 : 0;
}
