// Distributions by name, and what is told of a file's contents.
#include <fmt/core.h>

#include <algorithm>

#include "sim/core/error.h"
#include "sim/demand/sumo_parts.h"

namespace gemeo::sumo_files {

namespace {
constexpr std::size_t kMostTold = 10;
constexpr int kMostNested = 32;
}  // namespace

void findings::add(std::string const& kind, std::string text) {
  if (++count_[kind] <= kMostTold) texts_.push_back(std::move(text));
}

std::vector<std::string> findings::take() {
  for (auto const& [kind, n] : count_) {
    if (n > kMostTold) texts_.push_back(fmt::format("and {} more: {}", n - kMostTold, kind));
  }
  return std::move(texts_);
}

void mixture_table::define(std::string const& name, entry e) {
  if (name.empty()) throw_input(e.where, "the id is empty");
  std::string const where = e.where;
  auto const [it, is_new] = entries_.try_emplace(name, std::move(e));
  if (!is_new) {
    throw_input(where, fmt::format("a {} or distribution '{}' exists already ({})", what_, name, it->second.where),
                "give one of them another id");
  }
}

mixture_table::flat const& mixture_table::resolve(std::string const& name, std::string const& where, int depth) {
  auto const it = entries_.find(name);
  if (it == entries_.end()) {
    std::vector<std::string> known;
    for (auto const& [k, e] : entries_) known.push_back(k);
    std::sort(known.begin(), known.end());
    std::string const hint = did_you_mean(name, known);
    throw_input(where, fmt::format("names the unknown {} '{}'", what_, name),
                hint.empty() ? fmt::format("define the {} in one of the files", what_) : hint);
  }
  entry& e = it->second;
  if (e.whole) return *e.whole;
  if (e.resolving) throw_input(e.where, fmt::format("the distribution '{}' holds itself", name), "break the circle");
  if (depth > kMostNested) throw_input(e.where, "distributions are nested too deeply", "name the parts directly");
  e.resolving = true;
  std::map<std::uint32_t, double> weight_of;  // each leaf once, so that nesting cannot multiply them without end
  double total = 0;
  for (part const& p : e.parts) {
    if (p.of.empty()) {
      weight_of[p.leaf] += p.weight < 0 ? 1 : p.weight;
      total += p.weight < 0 ? 1 : p.weight;
      continue;
    }
    flat const& inner = resolve(p.of, e.where, depth + 1);
    double const weight = p.weight < 0 ? entries_.at(p.of).weight : p.weight;
    double whole = 0;
    for (double const w : inner.weights) whole += w;
    for (std::size_t i = 0; i < inner.leaves.size(); ++i)
      weight_of[inner.leaves[i]] += weight * inner.weights[i] / whole;
    total += weight;
  }
  bool const single = e.parts.size() == 1 && e.parts.front().of.empty();
  if (!single && !(total > 0))
    throw_input(e.where, "is a mix of nothing", "at least one part needs a probability above 0");
  flat out;
  for (auto const& [leaf, w] : weight_of) {
    out.leaves.push_back(leaf);
    out.weights.push_back(single ? 1 : w);
  }
  e.resolving = false;
  e.whole = std::move(out);
  return *e.whole;
}

std::string state::where(place const& p, std::string const& name) const {
  std::string const id = name.empty() ? "" : fmt::format(" id=\"{}\"", name);
  return fmt::format("{}:{}: <{}{}>", files[p.file].string(), p.line, p.element, id);
}

void state::fail(place const& p, std::string const& name, std::string what, std::string hint) const {
  throw_input(where(p, name), std::move(what), std::move(hint));
}

}  // namespace gemeo::sumo_files
