#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <sstream>

#include "sim/results/report.h"
#include "sim/results/report_svg.h"
#include "sim/results/settings.h"

namespace gemeo {
namespace {

constexpr std::size_t kLeastLabel = 28, kMostLabel = 60, kMostKeys = 24, kMostZones = 10, kMostSettings = 16;
constexpr std::size_t kInterval = 20, kChange = 9, kPairs = 5, kVerdict = 13;  // columns
constexpr std::size_t kTextWidth = 100;
number_format const kNumber{language::kEnglish, true};

std::size_t columns(std::string const& text) {  // code points: names carry accents
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; }));
}

std::string cut(std::string text, std::size_t width) {
  if (columns(text) <= width) return text;
  while (columns(text) > width - 2) {
    while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0xc0U) == 0x80U) text.pop_back();
    if (!text.empty()) text.pop_back();
  }
  return text + "..";
}

std::string left(std::string const& text, std::size_t width) {
  std::string const t = cut(text, width);
  return t + std::string(width - std::min(width, columns(t)), ' ');
}

std::string right(std::string const& text, std::size_t width) {
  return std::string(width - std::min(width, columns(text)), ' ') + text;
}

// Typographic quotes and spaces of the sentences in plain ASCII, lines of at most width columns.
std::string plain_text(std::string text) {
  struct swap {
    char const *from, *to;
  };
  for (swap const& s : {swap{"\xe2\x80\xaf", " "},
                        {"\xc2\xa0", " "},
                        {"\xe2\x88\x92", "-"},
                        {"\xe2\x80\x93", "-"},
                        {"\xe2\x80\x9c", "'"},
                        {"\xe2\x80\x9d", "'"},
                        {"\xc2\xb7", "*"},
                        {"\xe2\x82\x82", "2"},
                        {"\xe2\x80\xa6", "..."}}) {
    for (std::size_t at = 0; (at = text.find(s.from, at)) != std::string::npos;)
      text.replace(at, std::string(s.from).size(), s.to);
  }
  return text;
}

std::string wrap(std::string const& text, std::string const& first, std::string const& next, std::size_t width) {
  std::string out = first, word;
  std::size_t used = columns(first);
  bool fresh = true;
  auto const put = [&] {
    if (word.empty()) return;
    if (!fresh && used + 1 + columns(word) > width) {
      out += "\n" + next;
      used = columns(next);
      fresh = true;
    }
    out += (fresh ? "" : " ") + word;
    used += columns(word) + (fresh ? 0 : 1);
    fresh = false;
    word.clear();
  };
  for (char const c : text) {
    if (c == ' ') {
      put();
    } else {
      word += c;
    }
  }
  put();
  return out + "\n";
}

std::string sentence(std::string const& text) { return plain_text(clean_text(text, 2000)); }

struct line {
  std::string label;
  paired_estimate const* value;
  indicator shown_as;
};

// What of a table fits: columns of little worth go first, then names stand on a line of their own.
struct layout {
  std::size_t label = kLeastLabel, number = 11;
  bool pairs = true, change = true, stacked = false;

  [[nodiscard]] std::size_t width() const {  // of all but the verdict, which may be left short
    return 2 + label + 3 * number + 1 + 2 + kInterval + (change ? kChange : 0) + (pairs ? 2 + kPairs : 0) + 2;
  }
};

layout layout_for(std::size_t longest, std::size_t width) {
  layout l;
  l.label = std::min(std::max(longest, kLeastLabel), kMostLabel);
  auto const fits = [&] { return l.width() + kVerdict <= width; };
  if (fits()) return l;
  l.pairs = false;
  if (fits()) return l;
  l.number = 10;
  for (l.change = true;; l.change = false) {  // a name of two lines costs less than the change
    std::size_t const others = l.width() + kVerdict - l.label;
    if (others + kLeastLabel <= width) {
      l.label = std::min(l.label, width - others);
      return l;
    }
    if (!l.change) break;
  }
  l.stacked = true;
  l.label = 0;
  l.change = l.width() + kChange + kVerdict <= width;
  return l;
}

std::string cells(layout const& l, std::array<std::string, 7> const& c) {  // base, other, ... verdict
  return right(c[0], l.number) + right(c[1], l.number) + right(c[2], l.number + 1) + "  " + left(c[3], kInterval) +
         (l.change ? right(c[4], kChange) : "") + "  " + (l.pairs ? left(c[5], kPairs) + "  " : "") + c[6] + "\n";
}

std::string row(line const& l, layout const& lay) {
  paired_estimate const& e = *l.value;
  indicator const& i = l.shown_as;
  double const half = (e.high - e.low) / 2 * i.factor;
  int const digits = digits_for(half, e.difference * i.factor);
  int const level = std::max({i.min_digits, std::min(digits, 1),
                              digits_for(std::nan(""), std::max(std::abs(e.base), std::abs(e.other)) * i.factor)});
  std::string change = "-";
  if (i.share) {
    change = "";
  } else if (std::isfinite(e.change())) {
    change = kNumber.percent(e.change(), std::abs(e.change()) < 0.0995 ? 1 : 0);
  }
  std::string const numbers = cells(
      lay,
      {kNumber.plain(e.base * i.factor, level), kNumber.plain(e.other * i.factor, level),
       kNumber.with_sign(e.difference * i.factor, digits), kNumber.range(e.low * i.factor, e.high * i.factor, digits),
       change, e.pairs == 0 ? "" : fmt::format("{}/{}", std::max(e.up, e.down), e.pairs), verdict_phrase(e.says).en});
  if (lay.stacked) return "  " + l.label + "\n  " + numbers;
  bool const inner = l.label.starts_with("  ");  // of a group
  std::istringstream parts(wrap(l.label, inner ? "  " : "", inner ? "    " : "  ", lay.label));
  std::string part, out;
  while (std::getline(parts, part))
    out += out.empty() ? "  " + left(part, lay.label) + numbers : "  " + cut(part, lay.label) + "\n";
  return out;
}

// below: a line under the header, may be empty.
std::string table(std::string const& first, std::string const& below, std::vector<line> const& lines,
                  std::size_t width) {
  if (lines.empty()) return "";
  std::size_t longest = columns(first);
  for (line const& l : lines) longest = std::max(longest, columns(l.label));
  layout const lay = layout_for(longest, width);
  std::string const names = cells(lay, {"base", "other", "difference", "95 % interval", "change", "pairs", "verdict"});
  std::string out = lay.stacked ? "\n  " + first + "\n  " + names : "\n  " + left(first, lay.label) + names;
  if (!below.empty()) out += "  " + below + "\n";
  for (line const& l : lines) out += row(l, lay);
  return out;
}

std::string with_unit(indicator const& i) {
  return plain_text(clean_text(i.label + (i.unit.empty() ? "" : " (" + i.unit + ")")));
}

std::string all_table(comparison const& c, std::size_t width) {
  std::vector<line> lines;
  for (kpi_comparison const& k : c.kpis) {
    if (k.group != "all" || k.value.says == verdict::kNoData) continue;
    indicator const i = indicator_of(k.name, k.unit, k.value.base, language::kEnglish);
    lines.push_back({with_unit(i), &k.value, i});
  }
  return table("Whole network", "", lines, width);
}

std::string group_table(comparison const& c, std::string const& group, std::string const& name, std::size_t width) {
  std::vector<kpi_comparison const*> rows;
  double largest = 0;
  for (kpi_comparison const& k : c.kpis) {
    if (k.group != group || k.name != name || k.value.says == verdict::kNoData) continue;
    rows.push_back(&k);
    largest = std::max(largest, std::abs(k.value.base));
  }
  if (rows.empty()) return "";
  std::size_t const all = rows.size(), most = group == "zone" ? kMostZones : kMostKeys;
  if (all > most) {
    std::stable_sort(rows.begin(), rows.end(), [](auto const* a, auto const* b) {
      return std::abs(a->value.difference) > std::abs(b->value.difference);
    });
    rows.resize(most);
  }
  indicator const i = indicator_of(name, rows.front()->unit, largest, language::kEnglish);
  std::vector<line> lines;
  for (kpi_comparison const* k : rows)
    lines.push_back({"  " + plain_text(clean_text(key_label(c, group, k->key, language::kEnglish))), &k->value, i});
  return table(group_title(group, language::kEnglish),
               with_unit(i) + (all > most ? fmt::format("; the {} of {} that change most", most, all) : ""), lines,
               width);
}

std::string road_table(comparison const& c, std::size_t top, std::size_t width) {
  std::vector<road_values const*> roads;
  for (road_values const& r : c.roads) {
    if (worth_showing(c, r.flow_veh_per_h)) roads.push_back(&r);
  }
  if (roads.empty()) return "";
  std::sort(roads.begin(), roads.end(), [](auto const* a, auto const* b) {
    double const x = std::abs(a->flow_veh_per_h.difference * a->length_m),
                 y = std::abs(b->flow_veh_per_h.difference * b->length_m);
    return x != y ? x > y : a->name < b->name;
  });
  if (roads.size() > top) roads.resize(top);
  std::sort(roads.begin(), roads.end(),
            [](auto const* a, auto const* b) { return a->flow_veh_per_h.difference > b->flow_veh_per_h.difference; });
  std::vector<line> lines;
  lines.reserve(roads.size());
  for (road_values const* r : roads) lines.push_back({plain_text(clean_text(r->name, 100)), &r->flow_veh_per_h, {}});
  return table("Streets, veh/h and direction", "", lines, width);
}

// What was set otherwise, before anything is said of its effect.
std::string settings_table(comparison const& c, std::size_t width) {
  auto const all = settings_that_differ(c.base.description.effective_config, c.other.description.effective_config);
  if (all.empty()) return "";
  std::string out = "\nSettings that differ\n";
  for (std::size_t i = 0; i < std::min(all.size(), kMostSettings); ++i) {
    setting_difference const& s = all[i];
    auto const value = [](std::string const& v) { return v.empty() ? "-" : clean_text(v, 400); };
    out += wrap(plain_text(fmt::format("{}: {} -> {}", clean_text(s.key), value(s.base), value(s.other))), "  ",
                "      ", width);
  }
  if (all.size() > kMostSettings) out += fmt::format("  ... and {} more (--json)\n", all.size() - kMostSettings);
  return out;
}

}  // namespace

std::string report_terminal(comparison const& c, report_options const& o) {
  run_description const& d = c.base.description;
  finding const f = headline(c, language::kEnglish);
  std::string out = sentence(c.other.label) + "\ncompared with " + sentence(c.base.label) + "\n";
  out += fmt::format("{} {} of runs, {}-{}, engine {}\n\n", c.seeds.size(), c.seeds.size() == 1 ? "pair" : "pairs",
                     time_of_day(d.begin_s + d.warm_up_s), time_of_day(d.end_s),
                     clean_text(d.engine + " " + d.engine_version));
  std::size_t const text = std::min(kTextWidth, o.width);
  out += wrap(sentence(f.sentence), "", "", text) + (f.caveat.empty() ? "" : wrap(sentence(f.caveat), "", "", text)) +
         (f.uncertainty.empty() ? "" : wrap(sentence(f.uncertainty), "", "", text));
  std::string notes;
  for (std::string const& line : cautions(c, language::kEnglish))
    notes += wrap(sentence(line), "  note     ", "           ", text);
  for (notice const& n : c.notices) {
    bool const grave = n.grave() || n.kind == notice_kind::kFewPairs;
    notes += wrap(sentence(notice_text(n, c, language::kEnglish)), grave ? "  WARNING  " : "  note     ", "           ",
                  text);
  }
  if (!notes.empty()) out += "\n" + notes;
  out += settings_table(c, text);
  out += all_table(c, o.width);
  for (char const* const group : {"purpose", "mode", "hour", "zone"}) {
    out += group_table(c, group, c.find("mean_travel_time", group) != nullptr ? "mean_travel_time" : "mean_delay",
                       o.width);
  }
  out += group_table(c, "line", "bus_mean_delay", o.width) + road_table(c, 2 * o.top, o.width);
  if (!c.edges.empty()) {
    out += "\n";
    for (auto const& [family, what] : {std::pair(&c.flow_family, "Traffic"), std::pair(&c.speed_family, "Speed"),
                                       std::pair(&c.delay_family, "Delay")}) {
      std::string said = sentence(family_sentence(*family, {what, what}, c, language::kEnglish));
      if (auto const at = said.find(" Those are in full colour"); at != std::string::npos) said.resize(at);
      out += wrap(said, "  ", "  ", text);
    }
  }
  out += "\n" + wrap(
                    "verdict: clear = the 95 % interval excludes zero, also after correction for the number of "
                    "comparisons; weak = only before it; not shown = it includes zero. "
                    "pairs: how many go the way of the mean. All figures are modelled.",
                    "  ", "  ", text);
  return out;
}

}  // namespace gemeo
