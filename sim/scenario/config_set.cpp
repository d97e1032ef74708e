#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <type_traits>

#include "sim/core/error.h"
#include "sim/scenario/config_io.h"

namespace gemeo {

namespace {

using kind = doc_value::kind;
enum class wanted { kUnknown, kText, kTexts, kTextOrList, kOther };

template <typename T>
constexpr wanted wanted_of() {
  if constexpr (std::is_same_v<T, std::string> || std::is_same_v<T, clock_time> ||
                std::is_same_v<T, std::optional<clock_time>> || std::is_same_v<T, std::optional<std::string>>) {
    return wanted::kText;
  } else if constexpr (std::is_same_v<T, std::vector<std::string>> || std::is_same_v<T, class_set> ||
                       std::is_same_v<T, purpose_set>) {
    return wanted::kTexts;
  } else if constexpr (std::is_same_v<T, area>) {
    return wanted::kTextOrList;
  } else {
    return wanted::kOther;
  }
}

struct key_finder {  // what kind of value a key of a struct takes
  std::string key;
  wanted found = wanted::kUnknown;
  std::vector<std::string> known = {};
  template <typename T>
  void operator()(key_info const& k, T const&) {
    known.emplace_back(k.name);
    if (key == k.name) found = wanted_of<T>();
  }
};

void mark(doc_value& v, std::string const& assignment) {
  v.set = assignment;
  v.file = nullptr;
  for (doc_value& e : v.list) mark(e, assignment);
  for (auto& [key, e] : v.table) mark(e, assignment);
}

doc_value text_value(std::string text) {
  doc_value v;
  v.what = kind::kText;
  v.text = std::move(text);
  return v;
}

std::string trimmed(std::string_view s) {
  std::size_t const begin = s.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return "";
  return std::string(s.substr(begin, s.find_last_not_of(" \t") - begin + 1));
}

doc_value as_toml(std::string const& raw, std::string const& assignment) {
  try {
    doc_value root = parse_document("v = " + raw, "--set");
    if (root.table.size() == 1) return std::move(root.table[0].value);
  } catch (error const&) {  // said below, in the user's terms
  }
  throw_usage(fmt::format("--set {}: '{}' is not a value", assignment, raw),
              "a number, true, false, \"text\" or [a, list]");
}

doc_value parse_value(std::string const& raw, wanted w, std::string const& assignment) {
  bool const structured = !raw.empty() && (raw[0] == '[' || raw[0] == '"' || raw[0] == '\'' || raw[0] == '{');
  if (w == wanted::kOther || structured) return as_toml(raw, assignment);
  if (w != wanted::kTexts) return text_value(raw);
  doc_value list;
  list.what = kind::kList;
  for (std::size_t at = 0; at <= raw.size();) {
    std::size_t const end = std::min(raw.find(',', at), raw.size());
    std::string word = trimmed(std::string_view(raw).substr(at, end - at));
    if (!word.empty()) list.list.push_back(text_value(std::move(word)));
    at = end + 1;
  }
  return list;
}

std::vector<std::string> split(std::string const& path) {
  std::vector<std::string> out;
  for (std::size_t at = 0; at <= path.size();) {
    std::size_t const end = std::min(path.find('.', at), path.size());
    out.push_back(trimmed(std::string_view(path).substr(at, end - at)));
    at = end + 1;
  }
  return out;
}

class setter {
 public:
  setter(doc_value& root, std::string const& assignment) : root_(root), text_(assignment) {
    std::size_t const equals = assignment.find('=');
    if (equals == std::string::npos)
      throw_usage(fmt::format("--set {}: no '='", assignment), "e.g. --set routes.share=0.3");
    path_ = split(assignment.substr(0, equals));
    raw_ = trimmed(std::string_view(assignment).substr(equals + 1));
  }

  void apply() {
    if (path_[0] == "base") fail("'base' cannot be set", "write a file with the other base");
    scenario_config c;
    std::vector<std::string> known;
    key_finder top{path_[0]};
    c.visit(top);
    if (top.found != wanted::kUnknown) return store(root_, 0, top.found);
    known = top.known;
    bool done = false;
    for_each_section(c, [&](char const* name, auto& section) {
      known.emplace_back(name);
      if (path_[0] == name) done = set_in_section(section);
    });
    for_each_kind([&](auto k) {
      known.emplace_back(k.kKind);
      if (path_[0] == k.kKind) done = set_in_kind(k);
    });
    if (!done) fail(fmt::format("unknown key '{}'", path_[0]), nearest(c, known));
  }

 private:
  // A key of a section that was named without its section, or what is written nearly so.
  std::string nearest(scenario_config& c, std::vector<std::string> const& known) const {
    std::string with_section;
    for_each_section(c, [&](char const* name, auto& section) {
      key_finder f{path_[0]};
      section.visit(f);
      if (f.found != wanted::kUnknown) with_section = fmt::format("{}.{}", name, path_[0]);
    });
    return with_section.empty() ? did_you_mean(path_[0], known) : fmt::format("did you mean '{}'?", with_section);
  }

  template <typename Section>
  bool set_in_section(Section& section) {
    if (path_.size() < 2) fail(fmt::format("[{}] is a section", path_[0]), fmt::format("--set {}.KEY=VALUE", path_[0]));
    wanted const w = wanted_in(section, path_[1]);
    doc_value* t = root_.find(path_[0]);
    if (t == nullptr) {
      root_.put(path_[0], {});
      t = root_.find(path_[0]);
      mark(*t, text_);
    }
    if (t->what != kind::kTable) throw_input(t->where(), fmt::format("[{}] must be a table of keys", path_[0]));
    store(*t, 1, w);
    return true;
  }
  template <typename Kind>
  bool set_in_kind(Kind& k) {
    if (path_.size() < 3)
      fail(fmt::format("[[{}]] is a list", path_[0]), fmt::format("--set {}.0.KEY=VALUE", path_[0]));
    wanted const w = wanted_in(k, path_[2]);
    store(item(), 2, w);
    return true;
  }
  template <typename T>
  wanted wanted_in(T& into, std::string const& key) {
    key_finder f{key};
    into.visit(f);
    if (f.found == wanted::kUnknown)
      fail(fmt::format("unknown key '{}' in '{}'", key, path_[0]), did_you_mean(key, f.known));
    return f.found;
  }
  doc_value& item() {
    doc_value* const list = root_.find(path_[0]);
    std::size_t const n = list == nullptr || list->what != kind::kList ? 0 : list->list.size();
    for (std::size_t i = 0; i < n; ++i) {
      doc_value const* const name = list->list[i].find("name");
      if (std::to_string(i) == path_[1] || (name != nullptr && name->what == kind::kText && name->text == path_[1])) {
        if (list->list[i].what == kind::kTable) return list->list[i];
      }
    }
    fail(fmt::format("the scenario has no [[{}]] '{}'", path_[0], path_[1]),
         n == 0 ? "it has none at all" : fmt::format("it has {}: 0 to {}, or their names", n, n - 1));
  }
  // Sets path_[at] of a table, or what lies further down inside a list of that key.
  void store(doc_value& table, std::size_t at, wanted w) {
    if (at + 1 == path_.size()) {
      doc_value v = parse_value(raw_, w, text_);
      mark(v, text_);
      table.put(path_[at], std::move(v));
      return;
    }
    doc_value* inner = table.find(path_[at]);
    for (std::size_t i = at + 1; i < path_.size(); ++i) {
      bool const last = i + 1 == path_.size();
      if (inner != nullptr && inner->what == kind::kTable && last) return store(*inner, i, wanted::kOther);
      inner = inner == nullptr              ? nullptr
              : inner->what == kind::kTable ? inner->find(path_[i])
                                            : element(*inner, path_[i]);
      if (inner == nullptr) fail(fmt::format("nothing at '{}'", path_[i]), "lists are numbered from 0");
      if (last) {
        *inner = parse_value(raw_, inner->what == kind::kText ? wanted::kText : wanted::kOther, text_);
        mark(*inner, text_);
      }
    }
  }
  static doc_value* element(doc_value& list, std::string const& number) {
    std::size_t i = 0;
    auto const [end, ec] = std::from_chars(number.data(), number.data() + number.size(), i);
    bool const whole = ec == std::errc() && end == number.data() + number.size();
    return whole && list.what == kind::kList && i < list.list.size() ? &list.list[i] : nullptr;
  }
  [[noreturn]] void fail(std::string what, std::string hint) const {
    throw_usage(fmt::format("--set {}: {}", text_, what), std::move(hint));
  }

  doc_value& root_;
  std::string text_, raw_;
  std::vector<std::string> path_;
};

}  // namespace

void apply_set(doc_value& root, std::string const& assignment) { setter(root, assignment).apply(); }

}  // namespace gemeo
