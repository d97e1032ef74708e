// What a comparison says in words and numbers, in English and Portuguese (Portugal): labels and units of indicators,
// verdicts, notices, the headline. No layout here: the page, the terminal and JSON share it. Units: indicators come in
// the units of their kpi_row and are shown in those of everyday use (min, km/h, t). Thread rule: plain functions.
#pragma once

#include <string>
#include <string_view>

#include "sim/results/compare.h"

namespace gemeo {

enum class language : std::uint8_t { kEnglish, kPortuguese };

struct phrase {
  char const *en, *pt;
  [[nodiscard]] char const* in(language l) const { return l == language::kEnglish ? en : pt; }
};

// "1,234.5" or "1 234,5"; ascii: with '-' for the minus sign. Not finite: an en dash ("-" in ASCII).
struct number_format {
  language lang = language::kEnglish;
  bool ascii = false;

  [[nodiscard]] std::string plain(double v, int digits) const;
  [[nodiscard]] std::string with_sign(double v, int digits) const;
  [[nodiscard]] std::string range(double low, double high, int digits) const;  // signed: "+0.9 to +1.7"
  [[nodiscard]] std::string percent(double share, int digits) const;           // with sign
};

// Decimals that show one or two figures of the uncertainty; without one (NaN), three figures of the value.
int digits_for(double half_width, double value);

std::string time_of_day(double s);  // "07:30"; 24:00 stays 24:00

struct indicator {  // how a kpi is shown
  std::string label;
  std::string unit;   // may be empty
  double factor = 1;  // from the row's unit
  int better = 0;     // -1: less is better, +1: more, 0: neither
  int min_digits = 0;
  bool share = false;  // in %; differences are percentage points
};
// magnitude: a typical value, which decides between g, kg and t, or s and min.
indicator indicator_of(std::string const& name, std::string const& unit, double magnitude, language l);

// Whether an indicator has words of its own; others are shown by their name ("Mean gap" of mean_gap), direction
// unknown.
bool has_words(std::string const& name);

std::string group_title(std::string const& group, language l);  // "By purpose"
// zones and approaches by the names people know, where the comparison has them
std::string key_label(comparison const& c, std::string const& group, std::string const& key, language l);
bool key_has_words(std::string const& key);  // a purpose or a kind of vehicle

phrase verdict_phrase(verdict v);
std::string notice_text(notice const& n, comparison const& c, language l);
// ", of the whole run, warm-up included": behind an indicator of stuck vehicles whose share on the comparison's sides
// is not of the counted window alone; otherwise empty.
std::string whole_run_note(comparison const& c, language l);

std::string const& label_of(ensemble_side const& s, language l);
// What either side's data require to be said: sources and licences; what to know before the figures. One a line,
// without repetition; in English where the runs have no Portuguese.
std::vector<std::string> attributions(comparison const& c, language l);
std::vector<std::string> cautions(comparison const& c, language l);
// Whether tables and lists may show a difference: clear or weak; with too few pairs for a verdict, any.
bool worth_showing(comparison const& c, paired_estimate const& e);

struct finding {            // one indicator's difference, said in a sentence
  std::string sentence;     // "The mean trip takes 1.3 min longer (+8 %)."
  std::string uncertainty;  // "95 % interval: 0.9 to 1.7 min longer, over 10 pairs of runs; ..."
  std::string caveat;       // what the sentence leaves out, where trips are missing on one side; mostly empty
  kpi_comparison const* kpi = nullptr;  // none where it is about the same travellers
};
// With many trips unfinished it is about travellers who arrive on both sides, else about a mean over trips.
finding headline(comparison const& c, language l);

// How many edges would look changed by chance, and how many are kept.
std::string family_sentence(family_count const& f, phrase const& what, comparison const& c, language l);
// "More pairs are needed ..." for an indicator not shown; empty otherwise.
std::string pairs_needed_text(paired_estimate const& e, language l);

}  // namespace gemeo
