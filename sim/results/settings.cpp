#include "sim/results/settings.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>

namespace gemeo {

namespace {

struct setting {
  std::string key, value;
};
struct block {
  std::string title;  // "" before the first section, "routes", "close 'Marginal'"
  bool intervention = false;
  std::vector<setting> settings;
};
using blocks = std::vector<block>;

std::string unquoted(std::string const& v) {
  return v.size() >= 2 && v.front() == '"' && v.back() == '"' ? v.substr(1, v.size() - 2) : v;
}

// An intervention is told by its name, one without by its place among those of its kind that have none.
void name_interventions(blocks& all) {
  std::map<std::string, int> nameless, named;
  for (block& b : all) {
    if (!b.intervention) continue;
    auto const name =
        std::find_if(b.settings.begin(), b.settings.end(), [](setting const& s) { return s.key == "name"; });
    bool const has_name = name != b.settings.end() && name->value.size() > 2;
    b.title = has_name ? fmt::format("{} '{}'", b.title, unquoted(name->value))
                       : fmt::format("{} #{}", b.title, ++nameless[b.title]);
    if (int const again = named[b.title]++; again > 0) b.title += fmt::format(" ({})", again + 1);
  }
}

blocks read_blocks(std::string_view text) {
  blocks all(1);
  for (std::size_t at = 0; at < text.size();) {
    std::size_t const end = std::min(text.find('\n', at), text.size());
    std::string_view const line = text.substr(at, end - at);
    at = end + 1;
    if (line.starts_with("[[") && line.ends_with("]]")) {
      all.push_back({std::string(line.substr(2, line.size() - 4)), true, {}});
    } else if (line.starts_with('[') && line.ends_with(']')) {
      all.push_back({std::string(line.substr(1, line.size() - 2)), false, {}});
    } else if (std::size_t const equals = line.find(" = "); equals != std::string_view::npos) {
      all.back().settings.push_back({std::string(line.substr(0, equals)), std::string(line.substr(equals + 3))});
    }
  }
  name_interventions(all);
  return all;
}

block const* find(blocks const& all, std::string const& title) {
  auto const it = std::find_if(all.begin(), all.end(), [&](block const& b) { return b.title == title; });
  return it == all.end() ? nullptr : &*it;
}

std::string value_of(block const& b, std::string const& key) {
  auto const it = std::find_if(b.settings.begin(), b.settings.end(), [&](setting const& s) { return s.key == key; });
  return it == b.settings.end() ? "" : it->value;
}

bool says_nothing(block const& b, std::string const& key) {
  return b.title.empty() && (key == "title" || key == "description");
}

void compare_block(block const& base, block const& other, std::vector<setting_difference>& out) {
  std::string const before = other.title.empty() ? "" : other.title + ".";
  for (setting const& s : other.settings) {
    std::string was = value_of(base, s.key);
    if (was != s.value && !says_nothing(other, s.key)) out.push_back({before + s.key, std::move(was), s.value});
  }
  for (setting const& s : base.settings) {
    if (value_of(other, s.key).empty() && !says_nothing(base, s.key)) out.push_back({before + s.key, s.value, ""});
  }
}

}  // namespace

std::vector<setting_difference> settings_that_differ(std::string_view base, std::string_view other) {
  blocks const was = read_blocks(base), is = read_blocks(other);
  std::vector<setting_difference> out;
  for (block const& b : is) {
    block const* const before = find(was, b.title);
    if (before == nullptr && b.intervention) {
      out.push_back({b.title, "no", "yes"});
    } else {
      compare_block(before == nullptr ? block{b.title, false, {}} : *before, b, out);
    }
  }
  for (block const& b : was) {
    if (find(is, b.title) != nullptr) continue;
    if (b.intervention) {
      out.push_back({b.title, "yes", "no"});
    } else {
      compare_block(b, {b.title, false, {}}, out);
    }
  }
  return out;
}

}  // namespace gemeo
