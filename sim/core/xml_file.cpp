// read_xml: small files in the caller's thread; large ones through two conveyors, of text (unpacking is a fifth of the
// work, parsing two fifths) and of what the parser found in it.
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <string_view>
#include <vector>

#include "sim/core/conveyor.h"
#include "sim/core/text_file.h"
#include "sim/core/xml_parser.h"

namespace gemeo {

namespace {

constexpr std::size_t kPiece = std::size_t{1} << 18U;

struct text_piece {
  std::vector<char> bytes;
  std::size_t size = 0;
};

// Copies of texts, each ending in a zero byte, that stay where they are until clear().
class text_store {
 public:
  char const* keep(std::string_view s) {
    if (left_ < s.size() + 1) take_block(s.size() + 1);
    char* const at = next_;
    std::memcpy(at, s.data(), s.size());
    at[s.size()] = '\0';
    next_ += s.size() + 1;
    left_ -= s.size() + 1;
    return at;
  }
  void clear() {  // the blocks are used again
    used_ = 0;
    left_ = 0;
  }

 private:
  struct block {
    std::unique_ptr<char[]> bytes;
    std::size_t size = 0;
  };
  void take_block(std::size_t least) {
    if (used_ == blocks_.size()) blocks_.emplace_back();
    block& b = blocks_[used_++];
    if (b.size < least) {
      b.size = std::max(least, kPiece / 4);
      b.bytes.reset(new char[b.size]);  // not zeroed, as make_unique would
    }
    next_ = b.bytes.get();
    left_ = b.size;
  }
  std::vector<block> blocks_;
  std::size_t used_ = 0, left_ = 0;
  char* next_ = nullptr;
};

// What the parser found in one piece of text.
struct found {
  enum class kind : std::uint8_t { kStart, kEnd, kText };
  struct happening {
    kind what = kind::kStart;
    std::uint32_t first_pair = 0;  // into pairs, which a null pointer ends; of kStart
    std::uint64_t line = 0;        // of kStart
    std::string_view text;         // the element's name, or the text
  };
  std::vector<happening> happenings;
  std::vector<char const*> pairs;
  text_store texts;

  void clear() {
    happenings.clear();
    pairs.clear();
    texts.clear();
  }
  void tell(xml_handler& handler, std::filesystem::path const& file) {
    for (happening const& h : happenings) {
      if (h.what == kind::kStart) {
        handler.start(h.text, xml_attributes(pairs.data() + h.first_pair, &file, h.text, h.line));
      } else if (h.what == kind::kEnd) {
        handler.end(h.text);
      } else {
        handler.characters(h.text);
      }
    }
  }
};

class recorder : public xml_handler {
 public:
  explicit recorder(bool text) : text_(text) {}
  void record_into(found& f) { to_ = &f; }
  void start(std::string_view element, xml_attributes const& a) override {
    to_->happenings.push_back(
        {found::kind::kStart, static_cast<std::uint32_t>(to_->pairs.size()), a.line(), kept(element)});
    for (char const** p = a.pairs(); *p != nullptr; ++p) to_->pairs.push_back(to_->texts.keep(*p));
    to_->pairs.push_back(nullptr);
  }
  void end(std::string_view element) override { to_->happenings.push_back({found::kind::kEnd, 0, 0, kept(element)}); }
  void characters(std::string_view s) override { to_->happenings.push_back({found::kind::kText, 0, 0, kept(s)}); }
  [[nodiscard]] bool wants_text() const override { return text_; }

 private:
  std::string_view kept(std::string_view s) { return {to_->texts.keep(s), s.size()}; }
  bool text_;
  found* to_ = nullptr;
};

}  // namespace

void read_xml(std::filesystem::path const& file, xml_handler& handler) {
  text_source source(file);
  xml::parser_state s;
  s.file = file;
  s.handler = &handler;
  xml::parser_ptr const p = xml::make_parser(s);
  std::vector<char> first(kPiece);
  std::size_t const n = source.read(first.data(), first.size());
  bool const more = n == first.size();
  check(s, XML_Parse(p.get(), first.data(), static_cast<int>(n), more ? 0 : 1));
  if (!more) return;

  recorder record(handler.wants_text());
  s.handler = &record;
  conveyor<text_piece> unpacked([&](text_piece& t) {
    t.bytes.resize(kPiece);
    t.size = source.read(t.bytes.data(), kPiece);
    return t.size > 0;
  });
  // Malformed XML is told after what stands before it: check throws once all of that has been handed over.
  std::exception_ptr malformed;
  bool ended = false;
  conveyor<found> parsed([&](found& f) {
    f.clear();
    if (malformed) std::rethrow_exception(malformed);
    if (ended) return false;
    record.record_into(f);
    try {
      text_piece const* const t = unpacked.next();
      ended = t == nullptr;
      check(s, XML_Parse(p.get(), ended ? "" : t->bytes.data(), ended ? 0 : static_cast<int>(t->size), ended ? 1 : 0));
    } catch (...) {
      malformed = std::current_exception();
    }
    return true;
  });
  while (found* const f = parsed.next()) f->tell(handler, file);
}

}  // namespace gemeo
