#include "sim/scenario/document.h"

#include <fmt/core.h>

#include <algorithm>
#include <limits>

#include "sim/core/error.h"
#include "sim/core/text_file.h"
#include "sim/demand/toml_input.h"

namespace gemeo {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kMaxBases = 16;
constexpr std::uint64_t kMaxScenarioBytes = std::uint64_t{16} << 20U;
using kind = doc_value::kind;

std::string clock_text(toml::time const& t) { return fmt::format("{:02}:{:02}:{:02}", t.hour, t.minute, t.second); }

class converter {
 public:
  explicit converter(fs::path const& name) : file_(std::make_shared<fs::path const>(name)) {}

  doc_value convert(toml::node const& n) const {
    doc_value v;
    v.file = file_;
    v.line = n.source().begin.line;
    if (auto const* const s = n.as_string()) {
      v.what = kind::kText;
      v.text = **s;
    } else if (auto const* const i = n.as_integer()) {
      v.what = kind::kWhole;
      v.whole = **i;
      v.number = static_cast<double>(**i);
    } else if (auto const* const d = n.as_floating_point()) {
      v.what = kind::kNumber;
      v.number = **d;
    } else if (auto const* const b = n.as_boolean()) {
      v.what = kind::kFlag;
      v.flag = **b;
    } else if (auto const* const t = n.as_time()) {
      v.what = kind::kText;  // begin = 06:00:00 without quotes is a local time in TOML
      v.text = clock_text(**t);
    } else if (auto const* const a = n.as_array()) {
      v.what = kind::kList;
      for (toml::node const& e : *a) v.list.push_back(convert(e));
    } else if (auto const* const table = n.as_table()) {
      fill(v, *table);
    } else {
      throw_input(v.where(), "a date stands where none is used",
                  "times are \"HH:MM\" since midnight of the scenario's day");
    }
    return v;
  }

 private:
  // toml++ sorts keys by name; people read them in the order of the file.
  void fill(doc_value& v, toml::table const& table) const {
    std::vector<std::pair<toml::source_position, std::size_t>> order;
    for (auto const& [key, child] : table) {
      order.emplace_back(key.source().begin, v.table.size());
      v.table.emplace_back(std::string(key.str()), convert(child));
      if (v.table.back().value.line == 0) v.table.back().value.line = key.source().begin.line;
    }
    std::stable_sort(order.begin(), order.end(), [](auto const& a, auto const& b) {
      return a.first.line != b.first.line ? a.first.line < b.first.line : a.first.column < b.first.column;
    });
    std::vector<doc_entry> sorted;
    sorted.reserve(order.size());
    for (auto const& [position, i] : order) sorted.push_back(std::move(v.table[i]));
    v.table = std::move(sorted);
  }

  std::shared_ptr<fs::path const> file_;
};

bool is_table_list(doc_value const& v) {
  return v.what == kind::kList && !v.list.empty() &&
         std::all_of(v.list.begin(), v.list.end(), [](doc_value const& e) { return e.what == kind::kTable; });
}

std::string name_in(doc_value const& t) {
  doc_value const* const n = t.find("name");
  return n != nullptr && n->what == kind::kText ? n->text : std::string();
}

void merge_lists(doc_value& base, doc_value&& over) {
  for (doc_value& item : over.list) {
    std::string const name = name_in(item);
    auto const same = std::find_if(base.list.begin(), base.list.end(),
                                   [&](doc_value const& b) { return !name.empty() && name_in(b) == name; });
    if (same == base.list.end()) {
      base.list.push_back(std::move(item));
      continue;
    }
    for (auto& [key, child] : item.table) same->put(key, std::move(child));
  }
}

void merge(doc_value& base, doc_value&& over) {
  for (auto& [key, child] : over.table) {
    doc_value* const there = base.find(key);
    if (there != nullptr && there->what == kind::kTable && child.what == kind::kTable) {
      merge(*there, std::move(child));
    } else if (there != nullptr && is_table_list(*there) && is_table_list(child)) {
      merge_lists(*there, std::move(child));
    } else {
      base.put(key, std::move(child));
    }
  }
}

// A new title leaves the base's title in another language behind.
void merge_layer(doc_value& base, doc_value&& over) {
  if (over.find("title") != nullptr && over.find("title_pt") == nullptr)
    std::erase_if(base.table, [](auto const& entry) { return entry.key == "title_pt"; });
  merge(base, std::move(over));
}

fs::path base_file(doc_value const& b) {
  if (b.what != kind::kText)
    throw_input(b.where(), "'base' must be a text", "the name of a scenario in the same folder");
  if (b.text.empty()) throw_input(b.where(), "'base' is empty");
  fs::path const named(b.text);
  bool const is_path = b.text.find('/') != std::string::npos || named.extension() == ".toml";
  fs::path const as_written = b.folder() / named, with_ending = b.folder() / fs::path(b.text + ".toml");
  std::error_code ec;
  return is_path && (named.extension() == ".toml" || fs::exists(as_written, ec)) ? as_written : with_ending;
}

// named: as it was written, with the folders it names.
std::string known_scenarios(fs::path const& missing, fs::path const& named) {
  std::vector<std::string> names;
  std::error_code ec;
  for (auto const& e : fs::directory_iterator(missing.parent_path(), ec)) {
    if (e.path().extension() == ".toml") names.push_back((named.parent_path() / e.path().stem()).string());
  }
  std::sort(names.begin(), names.end());
  std::string const meant = did_you_mean((named.parent_path() / missing.stem()).string(), names);
  return !meant.empty() ? meant
                        : "name a scenario in the folder of this file, or its path from there, such as "
                          "'scenarios/cascais/weekday_morning'";
}

fs::path identity(fs::path const& file) {
  std::error_code ec;
  fs::path const canonical = fs::weakly_canonical(file, ec);
  return ec ? file : canonical;
}

}  // namespace

doc_value const* doc_value::find(std::string_view key) const {
  for (auto const& [k, v] : table) {
    if (k == key) return &v;
  }
  return nullptr;
}

doc_value* doc_value::find(std::string_view key) {
  return const_cast<doc_value*>(static_cast<doc_value const*>(this)->find(key));
}

void doc_value::put(std::string key, doc_value v) {
  if (doc_value* const there = find(key)) {
    *there = std::move(v);
  } else {
    table.emplace_back(std::move(key), std::move(v));
  }
}

std::string doc_value::where() const {
  if (!set.empty()) return "--set " + set;
  return fmt::format("{}:{}", file ? file->string() : "scenario", line);
}

fs::path doc_value::folder() const { return file ? file->parent_path() : fs::path(); }

doc_value parse_document(std::string_view text, fs::path const& name) {
  check_toml_nesting(text, name);
  try {
    doc_value root = converter(name).convert(toml::parse(text, name.string()));
    root.line = 1;
    return root;
  } catch (toml::parse_error const& e) {
    throw_input(fmt::format("{}:{}", name.string(), e.source().begin.line), std::string(e.description()),
                "the file must be TOML (toml.io)");
  } catch (toml_surprise const&) {
    throw_input(name.string(), "is no TOML", "the file must be TOML (toml.io)");
  }
}

loaded_document load_document(fs::path const& file) {
  loaded_document out;
  std::vector<doc_value> layers;
  std::vector<fs::path> seen;
  for (fs::path next = file; !next.empty();) {
    std::string text = read_text_file(next, kMaxScenarioBytes);
    layers.push_back(parse_document(text, next));
    if (seen.empty()) out.text = std::move(text);
    seen.push_back(identity(next));
    out.files.push_back(next);
    doc_value const* const base = layers.back().find("base");
    if (base == nullptr) break;
    next = base_file(*base);
    std::error_code ec;
    if (!fs::exists(next, ec)) {
      throw_input(base->where(), fmt::format("base '{}' is not there: no file {}", base->text, next.string()),
                  known_scenarios(next, base->text));
    }
    if (std::find(seen.begin(), seen.end(), identity(next)) != seen.end()) {
      std::string chain;
      for (fs::path const& f : out.files) chain += f.filename().string() + " -> ";
      throw_input(base->where(), fmt::format("'base' leads round in a circle: {}{}", chain, next.filename().string()));
    }
    if (layers.size() > kMaxBases)
      throw_input(base->where(), fmt::format("more than {} bases on top of each other", kMaxBases));
  }
  out.root = std::move(layers.back());
  layers.pop_back();
  for (; !layers.empty(); layers.pop_back()) merge_layer(out.root, std::move(layers.back()));
  std::erase_if(out.root.table, [](auto const& entry) { return entry.key == "base"; });
  return out;
}

}  // namespace gemeo
