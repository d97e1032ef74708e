#include "sim/results/settings.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>

namespace gemeo {

namespace {

constexpr std::size_t kMostBytes = 1U << 20U;  // of a configuration; beyond, it is none of gemeo's

struct setting {
  std::string key, value;
};
struct block {
  std::string kind;   // "" before the first section, "routes", "close"
  std::string match;  // by which the same block is known in the other text
  std::string label;  // as --set names it: "routes", "close.bridge", "close.0"
  bool intervention = false;
  std::vector<setting> settings;
  std::map<std::string, std::string> by_key;
};
struct configuration {
  std::vector<block> blocks;
  std::map<std::string, std::size_t> by_match;
  [[nodiscard]] block const* find(std::string const& match) const {
    auto const it = by_match.find(match);
    return it == by_match.end() ? nullptr : &blocks[it->second];
  }
};

std::string value_of(block const& b, std::string const& key) {
  auto const it = b.by_key.find(key);
  return it == b.by_key.end() ? "" : it->second;
}

std::string unquoted(std::string const& v) {
  return v.size() >= 2 && v.front() == '"' && v.back() == '"' ? v.substr(1, v.size() - 2) : v;
}

// An intervention is known by its name, one without by its place among those of its kind that have none.
void name_blocks(configuration& c) {
  std::map<std::string, int> places, nameless, named;
  for (std::size_t i = 0; i < c.blocks.size(); ++i) {
    block& b = c.blocks[i];
    b.match = b.label = b.kind;
    if (b.intervention) {
      int const place = places[b.kind]++;
      std::string const name = unquoted(value_of(b, "name"));
      b.match = name.empty() ? fmt::format("{} #{}", b.kind, ++nameless[b.kind]) : fmt::format("{} '{}'", b.kind, name);
      b.label = fmt::format("{}.{}", b.kind, name.empty() ? std::to_string(place) : name);
      if (int const again = named[b.match]++; again > 0) b.match += fmt::format(" ({})", again + 1);
    }
    c.by_match.try_emplace(b.match, i);
  }
}

configuration read(std::string_view text) {
  configuration c;
  c.blocks.emplace_back();
  if (text.size() > kMostBytes) text = {};
  for (std::size_t at = 0; at < text.size();) {
    std::size_t const end = std::min(text.find('\n', at), text.size());
    std::string_view const line = text.substr(at, end - at);
    at = end + 1;
    bool const intervention = line.starts_with("[[") && line.ends_with("]]");
    if (intervention || (line.starts_with('[') && line.ends_with(']'))) {
      std::size_t const edge = intervention ? 2 : 1;
      c.blocks.emplace_back();
      c.blocks.back().intervention = intervention;
      if (line.size() > 2 * edge) c.blocks.back().kind = line.substr(edge, line.size() - 2 * edge);
    } else if (std::size_t const equals = line.find(" = "); equals != std::string_view::npos) {
      block& b = c.blocks.back();
      b.settings.push_back({std::string(line.substr(0, equals)), std::string(line.substr(equals + 3))});
      b.by_key.emplace(b.settings.back().key, b.settings.back().value);
    }
  }
  name_blocks(c);
  return c;
}

bool says_nothing(block const& b, std::string const& key) {
  return b.kind.empty() && (key == "title" || key == "title_pt" || key == "description");
}

void compare_block(block const& base, block const& other, std::vector<setting_difference>& out) {
  std::string const& label = other.label.empty() ? base.label : other.label;
  std::string const before = label.empty() ? "" : label + ".";
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
  configuration const was = read(base), is = read(other);
  std::vector<setting_difference> out;
  for (block const& b : is.blocks) {
    block const* const before = was.find(b.match);
    if (before == nullptr && b.intervention) {
      out.push_back({b.label, "no", "yes"});
    } else {
      compare_block(before == nullptr ? block{} : *before, b, out);
    }
  }
  for (block const& b : was.blocks) {
    if (is.find(b.match) != nullptr) continue;
    if (b.intervention) {
      out.push_back({b.label, "yes", "no"});
    } else {
      compare_block(b, block{}, out);
    }
  }
  return out;
}

}  // namespace gemeo
