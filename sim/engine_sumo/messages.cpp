#include "sim/engine_sumo/messages.h"

#include <fmt/core.h>

#include <cctype>

namespace gemeo {

namespace {

// The message without what differs from one of its kind to the next: quoted names and numbers.
std::string kind_of(std::string const& text) {
  std::string out;
  bool quoted = false;
  for (char const c : text) {
    if (c == '\'') quoted = !quoted;
    if (!quoted && std::isdigit(static_cast<unsigned char>(c)) == 0 && c != '.' && c != '-') out += c;
  }
  return out;
}

bool has(std::string const& text, char const* part) { return text.find(part) != std::string::npos; }

std::string without(std::string text, char const* prefix) {
  if (text.starts_with(prefix)) text.erase(0, std::char_traits<char>::length(prefix));
  return text;
}

}  // namespace

std::string message_log::with_names(std::string text) const {
  constexpr std::string_view kBefore = "ehicle '";
  for (std::size_t at = text.find(kBefore); at != std::string::npos; at = text.find(kBefore, at)) {
    at += kBefore.size();
    std::size_t const end = text.find('\'', at);
    if (end == std::string::npos) break;
    std::string const name = traveller_(text.substr(at, end - at));
    text.replace(at, end - at, name);
    at += name.size();
  }
  return text;
}

std::vector<std::string> message_log::take(std::vector<std::string> const& messages, counters& c) {
  std::vector<std::string> out;
  for (std::string const& m : messages) {
    if (has(m, "Teleporting vehicle")) {
      if (has(m, "(jam")) ++c.teleports_jam;
      if (has(m, "(yield")) ++c.teleports_yield;
      if (has(m, "(wrong lane") || has(m, "wrong lane)")) ++c.teleports_wrong_lane;
    }
    if (has(m, "collision with")) ++c.collisions;
    std::string const key = kind_of(m);
    auto const [it, fresh] = kinds_.try_emplace(key);
    if (fresh) {
      it->second.first = without(with_names(m), "Warning: ");
      order_.push_back(key);
    }
    if (++it->second.count <= kPerKind) out.push_back(without(with_names(m), "Warning: "));
  }
  return out;
}

std::vector<std::string> message_log::summary() const {
  std::vector<std::string> out;
  for (std::string const& key : order_) {
    kind const& k = kinds_.at(key);
    if (k.count > kPerKind) out.push_back(fmt::format("{} more like: {}", k.count - kPerKind, k.first));
  }
  return out;
}

std::string message_log::reason(std::vector<std::string> const& messages, std::string const& exception) {
  std::string errors;
  for (std::string const& m : messages) {
    if (m.starts_with("Error: ")) errors += (errors.empty() ? "" : "; ") + without(m, "Error: ");
  }
  bool const says_nothing = exception.empty() || exception == "Process Error";
  if (errors.empty()) return says_nothing ? "SUMO gave up without a message" : exception;
  return says_nothing || has(errors, exception.c_str()) ? errors : errors + "; " + exception;
}

}  // namespace gemeo
