#include "sim/engine_sumo/config_facts.h"

#include <algorithm>
#include <array>
#include <utility>

#include "sim/core/error.h"
#include "sim/core/xml.h"
#include "sim/scenario/sumo_config.h"

namespace gemeo {

namespace fs = std::filesystem;

namespace {

// SUMO's further names for the options that are looked at here (sumo --save-template).
constexpr std::array<std::pair<char const*, char const*>, 3> kSynonyms = {
    {{"abs-rand", "random"}, {"S", "demo"}, {"load", "load-state"}}};

// SUMO reads <option value="..."/>, <option v="..."/> and <option>...</option>, at any depth.
class option_reader : public xml_handler {
 public:
  explicit option_reader(config_facts& c) : facts_(c) {}
  void start(std::string_view element, xml_attributes const& a) override {
    name_ = std::string(element);
    std::replace(name_.begin(), name_.end(), '_', '-');
    for (auto const& [other, known] : kSynonyms) {
      if (name_ == other) name_ = known;
    }
    text_.clear();
    auto const value = a.find("value") ? a.find("value") : a.find("v");
    if (value) facts_.options[name_] = std::string(*value);
  }
  void end(std::string_view) override {
    std::size_t const first = text_.find_first_not_of(" \t\r\n");
    if (first != std::string::npos) {
      facts_.options[name_] = text_.substr(first, text_.find_last_not_of(" \t\r\n") + 1 - first);
    }
    text_.clear();
  }
  void characters(std::string_view s) override { text_ += s; }

 private:
  config_facts& facts_;
  std::string name_, text_;
};

class loop_reader : public xml_handler {
 public:
  loop_reader(config_facts& c, fs::path file) : facts_(c), file_(std::move(file)) {}
  void read() { read_xml(file_, *this); }
  void start(std::string_view element, xml_attributes const& a) override {
    if (element == "include") {
      fs::path const inner = file_.parent_path() / std::string(a.text("href"));
      if (inner == file_) a.fail("includes itself");
      loop_reader(facts_, inner).read();
      return;
    }
    static constexpr std::array<char const*, 4> kDetectors = {"e1Detector", "inductionLoop", "e2Detector",
                                                              "laneAreaDetector"};
    if (std::none_of(kDetectors.begin(), kDetectors.end(), [&](char const* d) { return element == d; })) return;
    auto const file = a.find("file");
    if (!file || *file == "stdout" || *file == "-" || *file == "NUL" || *file == "nul" || *file == "/dev/null") return;
    std::string const name = fs::path(*file).filename().string();
    auto& files = facts_.loop_files;
    if (std::find(files.begin(), files.end(), name) == files.end()) files.push_back(name);
  }
  void end(std::string_view) override {}

 private:
  config_facts& facts_;
  fs::path file_;
};

}  // namespace

bool config_facts::flag(std::string const& option) const {
  auto const it = options.find(option);
  if (it == options.end()) return false;
  static constexpr std::array<char const*, 7> kTrue = {"true", "True", "t", "1", "yes", "on", "x"};
  return std::any_of(kTrue.begin(), kTrue.end(), [&](char const* t) { return it->second == t; });
}

config_facts read_config_facts(fs::path const& file) {
  config_facts c;
  option_reader reader(c);
  read_xml(file, reader);
  c.additionals = read_sumo_config(file).additionals;
  for (fs::path const& additional : c.additionals) loop_reader(c, additional).read();
  return c;
}

}  // namespace gemeo
