#include "sim/engine_sumo/loop_files.h"

#include <fstream>
#include <iterator>
#include <string>

namespace gemeo {

void loop_files::add(std::filesystem::path file) {
  auto reader = std::make_unique<output_reader>(net_, names_, false, file);
  files_.push_back({std::move(file), 0, std::move(reader)});
}

void loop_files::read(observations& out) {
  std::string piece(std::size_t{1} << 16U, '\0');
  for (one& f : files_) {
    std::ifstream in(f.file, std::ios::binary);
    if (!in.seekg(static_cast<std::streamoff>(f.at))) continue;  // SUMO has not written it yet
    while (in.read(piece.data(), static_cast<std::streamsize>(piece.size())), in.gcount() > 0) {
      auto const n = static_cast<std::size_t>(in.gcount());
      f.reader->push(std::string_view(piece.data(), n));
      f.at += n;
    }
    observations const& got = f.reader->ready;
    out.detectors.insert(out.detectors.end(), got.detectors.begin(), got.detectors.end());
    out.areas.insert(out.areas.end(), got.areas.begin(), got.areas.end());
    f.reader->ready.clear();
  }
}

}  // namespace gemeo
