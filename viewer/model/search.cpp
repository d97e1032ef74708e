#include "viewer/model/search.h"

#include <algorithm>
#include <map>
#include <sstream>

namespace gemeo::view {
namespace {

using namespace std::string_view_literals;

// U+00C0..U+017F without accents; '\0': two letters or none, kept as they are.
constexpr std::string_view kLatin1 = "aaaaaa\0ceeeeiiii\0nooooo\0ouuuuy\0\0aaaaaa\0ceeeeiiii\0nooooo\0ouuuuy\0y"sv;
constexpr std::string_view kExtendedA =
    "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiii\0\0jjkk\0llllll\0\0llnnnnnn\0\0\0oooooo\0\0rrrrrrsssssssstttttt"
    "uuuuuuuuuuuuwwyyyzzzzzz\0"sv;
static_assert(kLatin1.size() == 0x40 && kExtendedA.size() == 0x80);

}  // namespace

std::string folded(std::string_view s) {
  std::string out;
  for (std::size_t i = 0; i < s.size(); ++i) {
    auto const c = static_cast<unsigned char>(s[i]);
    if (c < 0x80) {
      out.push_back(static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c));
      continue;
    }
    // The ordinals of "1.ª" and "n.º" are letters to whoever types them.
    if (c == 0xC2 && i + 1 < s.size() && (s[i + 1] == '\xAA' || s[i + 1] == '\xBA')) {
      out.push_back(s[i + 1] == '\xAA' ? 'a' : 'o');
      ++i;
      continue;
    }
    if (c >= 0xC3 && c <= 0xC5 && i + 1 < s.size()) {
      unsigned const point = (c & 0x1FU) << 6U | (static_cast<unsigned char>(s[i + 1]) & 0x3FU);
      char letter = '\0';
      if (point >= 0xC0 && point < 0xC0 + kLatin1.size()) letter = kLatin1[point - 0xC0];
      if (point >= 0x100 && point < 0x100 + kExtendedA.size()) letter = kExtendedA[point - 0x100];
      if (letter != '\0') {
        out.push_back(letter);
        ++i;
        continue;
      }
    }
    out.push_back(s[i]);
  }
  return out;
}

road_search::road_search(result_network const& net) {
  std::map<std::string, search_hit> by_name;
  for (std::size_t i = 0; i < net.name.size(); ++i) {
    edge_id const e(i);
    if (net.function[e] != 0) continue;
    ids_.push_back({net.name[e], {e}, net.length_m[e]});
    if (net.road_name[e].empty()) continue;
    search_hit& h = by_name[net.road_name[e]];
    h.name = net.road_name[e];
    h.edges.push_back(e);
    h.length_m += net.length_m[e];
  }
  for (auto& [name, h] : by_name) roads_.push_back(std::move(h));
  for (auto const& h : roads_) folded_roads_.push_back(folded(h.name));
  for (auto const& h : ids_) folded_ids_.push_back(folded(h.name));
}

std::vector<search_hit const*> road_search::find(std::string_view query, std::size_t most) const {
  std::string const q = folded(query);
  std::vector<std::string> words;
  std::istringstream in(q);
  for (std::string w; in >> w;) words.push_back(w);
  std::vector<search_hit const*> found;
  if (words.empty()) return found;
  struct candidate {
    int order;
    search_hit const* hit;
  };
  std::vector<candidate> c;
  auto const scan = [&](std::vector<search_hit> const& hits, std::vector<std::string> const& names, bool ids) {
    for (std::size_t i = 0; i < hits.size(); ++i) {
      std::string const& n = names[i];
      bool const all =
          std::all_of(words.begin(), words.end(), [&](auto const& w) { return n.find(w) != std::string::npos; });
      if (all) c.push_back({(n == q ? 0 : n.starts_with(words.front()) ? 1 : 2) + (ids && n != q ? 3 : 0), &hits[i]});
    }
  };
  scan(roads_, folded_roads_, false);
  scan(ids_, folded_ids_, true);
  std::size_t const n = std::min(most, c.size());
  std::partial_sort(c.begin(), c.begin() + static_cast<std::ptrdiff_t>(n), c.end(),
                    [](candidate const& a, candidate const& b) {
                      if (a.order != b.order) return a.order < b.order;
                      if (a.hit->length_m != b.hit->length_m) return a.hit->length_m > b.hit->length_m;
                      return a.hit->name != b.hit->name ? a.hit->name < b.hit->name : a.hit->edges < b.hit->edges;
                    });
  for (std::size_t i = 0; i < n; ++i) found.push_back(c[i].hit);
  return found;
}

}  // namespace gemeo::view
