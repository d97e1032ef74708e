#include "calibration/counts/quality.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>

namespace gemeo {

char const* to_text(count_verdict v) {
  return v == count_verdict::kGood ? "good" : v == count_verdict::kDoubtful ? "doubtful" : "bad";
}

namespace {

constexpr double kConstant_s = 250 * 60;  // PeMS: 50 five-minute samples
constexpr double kUnlikely = 1e-6;        // that a count that lives stays the same for so long
constexpr double kVehicle_m = 6;          // with the loop's own length
constexpr double kFreeSpeed_kmh = 90;     // where no speed is given
constexpr double kFarAbove = 1.25;        // of the most that lanes carry
constexpr double kFairShare = 0.2;        // of the records of the fullest minute of the day
constexpr std::size_t kFewest = 4;        // samples below which a share says nothing

std::int64_t floor_days(std::int64_t s) { return s >= 0 ? s / 86400 : (s - 86399) / 86400; }

std::string clock_text(double of_day_s) {
  auto const m = static_cast<long>(of_day_s / 60);
  return fmt::format("{:02}:{:02}", m / 60, m % 60);
}

struct sample {
  std::size_t record = 0;
  double of_day_s = 0;
};

struct finding {
  count_verdict level = count_verdict::kGood;
  bilingual text;
};

// One detector's day. What is asked of each sample is asked in the window only.
class day_check {
 public:
  day_check(quality_options const& o, std::vector<count_record> const& records, std::vector<sample> samples,
            double period_s, std::int32_t lanes)
      : o_(o), records_(records), samples_(std::move(samples)), period_s_(period_s) {
    double const rate = o.most_flow_veh_per_h_lane * (lanes > 0 ? lanes : o.lanes_if_unknown);
    // Short periods scatter: three standard deviations of a Poisson count more.
    double const mean = rate * period_s / 3600;
    most_count_ = mean + (period_s < 900 ? 3 * std::sqrt(mean) : 0);
  }

  void run(double window_begin_s, double window_end_s, day_verdict& v) {
    expected_ = std::max(1.0, std::floor((window_end_s - window_begin_s) / period_s_ + 1e-9));
    v.expected = static_cast<std::uint32_t>(expected_);
    for (sample const& s : samples_) {
      count_record const& r = at(s);
      if (std::isfinite(r.count)) {
        ++counted_;
        v.total += static_cast<double>(r.count);
        zero_ += r.count == 0 ? 1U : 0U;
      }
    }
    v.samples = static_cast<std::uint32_t>(counted_);
    presence();
    if (counted_ > 0) {
      occupancy();
      constancy();
      limits();
      gaps(window_begin_s, window_end_s);
    }
    lateness();
    finish(v);
  }
  void add(count_verdict level, bilingual text) { findings_.push_back({level, std::move(text)}); }
  [[nodiscard]] double most_count() const { return most_count_; }

 private:
  [[nodiscard]] count_record const& at(sample const& s) const { return records_[s.record]; }
  [[nodiscard]] std::size_t count_if(std::function<bool(count_record const&)> const& holds) const {
    return static_cast<std::size_t>(
        std::count_if(samples_.begin(), samples_.end(), [&](sample const& s) { return holds(at(s)); }));
  }

  void presence() {
    auto const n = static_cast<double>(counted_);
    if (counted_ == 0) {
      add(count_verdict::kBad,
          samples_.empty()
              ? bilingual{"no records in the hours looked at", "sem registos nas horas analisadas"}
              : in_both("{} periods, none with a value", "{} períodos, nenhum com valor", samples_.size()));
      return;
    }
    if (n < o_.least_share * expected_) {
      add(count_verdict::kBad,
          in_both("{} of {:.0f} periods have a count", "{} de {:.0f} períodos têm contagem", counted_, expected_));
    }
    if (zero_ == counted_ && counted_ >= kFewest)
      add(count_verdict::kBad, in_both("all {} counts are 0", "as {} contagens são todas 0", counted_));
  }

  // What the count would occupy at the speed given: an occupancy below half the smallest that the detector can say is 0
  // by rounding, not by error.
  [[nodiscard]] double implied(count_record const& r) const {
    double const speed = r.speed_kmh > 1 ? static_cast<double>(r.speed_kmh) : kFreeSpeed_kmh;
    return static_cast<double>(r.count) * kVehicle_m / (speed / 3.6) / period_s_;
  }

  void occupancy() {
    std::size_t with = 0, empty = 0, full = 0, full_and_fast = 0, no_flow = 0, no_occupancy = 0;
    double smallest = 1;
    for (sample const& s : samples_) {
      if (at(s).occ_frac > 0) smallest = std::min(smallest, static_cast<double>(at(s).occ_frac));
    }
    if (smallest == 1) smallest = 0.01;
    for (sample const& s : samples_) {
      count_record const& r = at(s);
      if (!std::isfinite(r.occ_frac) || !std::isfinite(r.count)) continue;
      ++with;
      empty += r.occ_frac == 0 ? 1U : 0U;
      full += r.occ_frac > 0.7F ? 1U : 0U;
      full_and_fast += r.occ_frac > 0.7F && !(r.speed_kmh < 20) ? 1U : 0U;
      no_flow += r.count == 0 && r.occ_frac > 0 ? 1U : 0U;
      no_occupancy += r.count > 0 && r.occ_frac == 0 && implied(r) > smallest / 2 ? 1U : 0U;
    }
    if (with < kFewest) return;
    auto const share = [&](std::size_t n) { return static_cast<double>(n) / static_cast<double>(with); };
    double total = 0;
    for (sample const& s : samples_) total += std::isfinite(at(s).count) ? static_cast<double>(at(s).count) : 0;
    bool const busy = total / static_cast<double>(counted_) >= 2;  // a vehicle or two a period leave most samples empty
    if (share(empty) >= 0.59 && busy)
      add(count_verdict::kBad,
          in_both("occupancy 0 in {:.0f} % of periods", "ocupação 0 em {:.0f} % dos períodos", 100 * share(empty)));
    if (share(full) >= 0.2) {
      bool const jam = full_and_fast * 2 < full;  // a jam says so by its speeds
      add(jam ? count_verdict::kDoubtful : count_verdict::kBad,
          in_both("occupancy above 70 % in {:.0f} % of periods{}", "ocupação acima de 70 % em {:.0f} % dos períodos{}",
                  100 * share(full), jam ? phrase{", at low speed", ", a baixa velocidade"} : phrase{"", ""}));
    }
    if (share(no_flow) >= 0.02 && no_flow >= 2) {  // at a signal a vehicle may well stand for a whole short period
      add(period_s_ >= 300 ? count_verdict::kBad : count_verdict::kDoubtful,
          in_both("no flow but occupied in {:.0f} % of periods", "sem fluxo mas com ocupação em {:.0f} % dos períodos",
                  100 * share(no_flow)));
    }
    if (share(no_occupancy) >= 0.5)
      add(count_verdict::kBad, in_both("flow but occupancy 0 in {:.0f} % of periods",
                                       "com fluxo mas ocupação 0 em {:.0f} % dos períodos", 100 * share(no_occupancy)));
  }

  // The longest time for which the count stays the same. Two Poisson counts of mean c are equal with probability
  // 1/(2 sqrt(pi c)): small counts repeat by chance. The occupancy may live on when the count does not.
  void constancy() {
    std::size_t best = 0, run = 0;
    double value = 0, best_value = 0;
    for (sample const& s : samples_) {
      double const count = static_cast<double>(at(s).count);
      if (!(count > 0)) {
        run = 0;
        continue;
      }
      run = run > 0 && count == value ? run + 1 : 1;
      value = count;
      if (run > best) {
        best = run;
        best_value = value;
      }
    }
    double const same_again = std::min(1.0, 0.5 / std::sqrt(M_PI * std::max(best_value, 0.3)));
    if (static_cast<double>(best) * period_s_ >= kConstant_s && best >= 2 &&
        std::pow(same_again, static_cast<double>(best - 1)) < kUnlikely) {
      add(count_verdict::kBad, in_both("the same count, {:g}, for {} periods",
                                       "a mesma contagem, {:g}, durante {} períodos", best_value, best));
    }
  }

  void limits() {
    auto const share = [&](std::size_t n) { return static_cast<double>(n) / static_cast<double>(samples_.size()); };
    std::size_t const above =
        count_if([&](count_record const& r) { return static_cast<double>(r.count) > most_count_; });
    std::size_t const far_above =
        count_if([&](count_record const& r) { return static_cast<double>(r.count) > kFarAbove * most_count_; });
    if (above > 0) {  // a peak may pass the limit by a little
      add(share(above) >= 0.05 || far_above >= 2 ? count_verdict::kBad : count_verdict::kDoubtful,
          in_both("more vehicles than the lanes can carry in {} period{}",
                  "mais veículos do que as vias suportam em {} período{}", above, above == 1 ? "" : "s"));
    }
    std::size_t const impossible = count_if([](count_record const& r) { return (r.flags & kOutOfRange) != 0; });
    if (impossible > 0) {
      bool const often = share(impossible) >= 0.02 && impossible >= 2;
      add(often ? count_verdict::kBad : count_verdict::kDoubtful,
          in_both("impossible values in {} period{}", "valores impossíveis em {} período{}", impossible,
                  impossible == 1 ? "" : "s"));
    }
    std::size_t const errors = count_if([](count_record const& r) { return (r.flags & kSupplierError) != 0; });
    if (errors > 0)
      add(count_verdict::kDoubtful,
          in_both("{} periods marked faulty by the source", "{} períodos que a fonte assinala como avaria", errors));
    std::size_t const imputed = count_if([](count_record const& r) { return (r.flags & kImputed) != 0; });
    if (imputed > 0)
      add(count_verdict::kDoubtful,
          in_both("{} periods filled in by the source", "{} períodos preenchidos pela fonte", imputed));
  }

  void gaps(double window_begin_s, double window_end_s) {
    double last_s = window_begin_s, longest = 0, from = 0;
    auto const look = [&](double until_s) {
      if (until_s - last_s > longest) {
        longest = until_s - last_s;
        from = last_s;
      }
    };
    for (sample const& s : samples_) {
      if (!std::isfinite(at(s).count)) continue;
      look(s.of_day_s);
      last_s = s.of_day_s + period_s_;
    }
    look(window_end_s);
    if (longest >= o_.gap_s && longest >= 2 * period_s_)
      add(count_verdict::kDoubtful,
          in_both("nothing from {} to {}", "nada das {} às {}", clock_text(from), clock_text(from + longest)));
  }

  void lateness() {
    double const limit_ms = 1000 * std::max(o_.late_s, 2 * period_s_);
    std::size_t const late = count_if([&](count_record const& r) {
      return r.received_ms != kNoTime && (r.flags & (kReceivedAtImport | kCorrection)) == 0 &&
             static_cast<double>(r.received_ms - r.end_ms()) > limit_ms;
    });
    if (late * 10 > samples_.size())
      add(count_verdict::kDoubtful, in_both("{} periods came late", "{} períodos chegaram tarde", late));
  }

 public:
  void finish(day_verdict& v) {
    std::stable_sort(findings_.begin(), findings_.end(),
                     [](finding const& a, finding const& b) { return a.level > b.level; });
    v.reason.clear();
    for (finding const& f : findings_) {
      v.verdict = std::max(v.verdict, f.level);
      add_told(v.reason, f.text);
    }
  }

 private:
  quality_options const& o_;
  std::vector<count_record> const& records_;
  std::vector<sample> samples_;
  std::vector<finding> findings_;
  double period_s_, most_count_ = 0, expected_ = 1;
  std::size_t counted_ = 0, zero_ = 0;
};

bool same_values(count_record const& a, count_record const& b) {
  auto const same = [](float x, float y) { return x == y || (std::isnan(x) && std::isnan(y)); };
  return same(a.count, b.count) && same(a.speed_kmh, b.speed_kmh) && same(a.occ_frac, b.occ_frac) &&
         a.flags == b.flags && a.n_inputs == b.n_inputs;
}

// A total order of contents, so that nothing depends on the order in which records came.
auto order_of(count_record const& r) {
  auto const bits = [](float f) {
    std::uint32_t u = 0;
    std::memcpy(&u, &f, sizeof u);
    return u;
  };
  return std::tuple(r.begin_ms, r.period_ms, r.received_ms, std::isnan(r.count) ? 0 : 1, bits(r.count),
                    bits(r.speed_kmh), bits(r.occ_frac), r.flags, r.n_inputs, r.series);
}

void add_reason(day_verdict& d, bilingual const& more, bool first) {
  bilingual out = first ? more : d.reason;
  add_told(out, first ? d.reason : more);
  d.reason = std::move(out);
}

class assessor {
 public:
  assessor(std::vector<count_record> records, count_catalog const& catalog, local_clock const& clock,
           std::function<std::int32_t(std::uint32_t)> const& lanes_of, quality_options const& o)
      : catalog_(catalog), clock_(clock), lanes_of_(lanes_of), o_(o) {
    sort_and_thin(std::move(records));
  }

  quality_report run() {
    q_.ok.assign(q_.records.size(), 0);
    for (count_record const& r : q_.records) {
      q_.detector.push_back(who(r));
      q_.day.push_back(static_cast<std::int32_t>(day_of(r)));
    }
    find_windows();
    for (std::size_t a = 0; a < q_.records.size();) {
      std::uint32_t const detector = q_.detector[a];
      std::size_t b = a;
      while (b < q_.records.size() && q_.detector[b] == detector) ++b;
      detector_days(detector, a, b);
      a = b;
    }
    compare_days();
    for (std::size_t i = 0; i < q_.records.size(); ++i) {
      day_verdict const* const d = q_.find(q_.detector[i], q_.day[i]);
      if (d != nullptr && d->verdict == count_verdict::kBad) q_.ok[i] = 0;
    }
    hollow_feeds();
    return std::move(q_);
  }

 private:
  [[nodiscard]] std::uint32_t who(count_record const& r) const { return catalog_.same_detector(r.series); }
  [[nodiscard]] std::int64_t local_s(count_record const& r) const {
    return clock_.local_of(r.begin_ms >= 0 ? r.begin_ms / 1000 : (r.begin_ms - 999) / 1000);
  }
  [[nodiscard]] std::int64_t day_of(count_record const& r) const { return floor_days(local_s(r)); }
  [[nodiscard]] double of_day_s(count_record const& r) const {
    std::int64_t const s = local_s(r);
    return static_cast<double>(s - floor_days(s) * 86400);
  }

  void sort_and_thin(std::vector<count_record> records) {
    std::sort(records.begin(), records.end(), [&](count_record const& a, count_record const& b) {
      std::uint32_t const x = who(a), y = who(b);
      return x != y ? x < y : order_of(a) < order_of(b);
    });
    for (count_record const& r : records) {
      bool const again = !q_.records.empty() && who(q_.records.back()) == who(r) &&
                         q_.records.back().begin_ms == r.begin_ms && q_.records.back().period_ms == r.period_ms;
      if (!again) {
        q_.records.push_back(r);
        continue;
      }
      bool const same = same_values(q_.records.back(), r);
      ++(same ? q_.duplicates : q_.conflicts);
      if (!same) q_.records.back() = r;  // what came last holds
    }
  }

  // A feed may hold a part of the day only: what is expected of it is the time from the first to the last minute of the
  // day in which a fair share of its detectors begin a period. A few that lag behind do not stretch it.
  void find_windows() {
    struct minute {
      std::size_t records = 0;
      double last_end_s = 0;
    };
    std::map<std::string, std::map<long, minute>> feeds;
    for (count_record const& r : q_.records) {
      double const s = of_day_s(r);
      minute& m = feeds[catalog_.key(r.series).source][static_cast<long>(s / 60)];
      ++m.records;
      m.last_end_s = std::max(m.last_end_s, s + r.period_ms / 1000.0);
    }
    for (auto const& [source, minutes] : feeds) {
      std::size_t most = 0;
      for (auto const& [at, m] : minutes) most = std::max(most, m.records);
      std::pair<double, double> w{1e9, -1e9};
      for (auto const& [at, m] : minutes) {
        if (static_cast<double>(m.records) < kFairShare * static_cast<double>(most)) continue;
        w.first = std::min(w.first, 60.0 * static_cast<double>(at));
        w.second = std::max(w.second, m.last_end_s);
      }
      double const begin = std::max(w.first, o_.window_begin_s), end = std::min(w.second, o_.window_end_s);
      windows_[source] = end > begin ? std::pair(begin, end) : w;  // else the feed is of the night alone
    }
  }

  void detector_days(std::uint32_t detector, std::size_t a, std::size_t b) {
    std::map<std::uint32_t, std::size_t> periods;
    for (std::size_t i = a; i < b; ++i) ++periods[q_.records[i].period_ms];
    std::uint32_t period_ms = 0;
    std::size_t most = 0;
    for (auto const& [p, n] : periods) {
      if (n > most) {
        most = n;
        period_ms = p;
      }
    }
    auto const [window_begin, window_end] = windows_.at(catalog_.key(detector).source);
    for (std::size_t i = a; i < b;) {
      std::int32_t const day = q_.day[i];
      std::vector<sample> samples;
      std::size_t const first = i;
      for (; i < b && q_.day[i] == day; ++i) {
        double const s = of_day_s(q_.records[i]);
        if (q_.records[i].period_ms == period_ms && s >= window_begin && s < window_end) samples.push_back({i, s});
      }
      day_verdict v;
      v.detector = detector;
      v.day = day;
      v.period_ms = period_ms;
      v.z = std::nan("");
      double const period_s = period_ms / 1000.0;
      day_check check(o_, q_.records, std::move(samples), period_s, lanes_of_(q_.records[first].series));
      check.run(window_begin, window_end, v);
      for (std::size_t j = first; j < i; ++j) q_.ok[j] = usable(q_.records[j], check.most_count()) ? 1 : 0;
      q_.days.push_back(std::move(v));
    }
  }

  [[nodiscard]] bool usable(count_record const& r, double most_count) const {
    constexpr std::uint16_t kNever = kSupplierError | kImputed | kClockRepeated | kOutOfRange;
    std::int64_t const s = local_s(r);
    return std::isfinite(r.count) && (r.flags & kNever) == 0 && static_cast<double>(r.count) <= most_count &&
           !clock_.utc_of(s).repeated;
  }

  // Totals of days of a kind against their median, on a log scale and without what all detectors of the feed have in
  // common (a holiday, snow): that is the day's, not the detector's.
  void compare_days() {
    std::map<std::pair<std::uint32_t, int>, std::vector<day_verdict*>> kinds;
    for (day_verdict& d : q_.days) {
      int const weekday = weekday_of(d.day);
      if (d.verdict != count_verdict::kBad && d.samples > 0)
        kinds[{d.detector, weekday < 5 ? 0 : weekday}].push_back(&d);
    }
    auto const log_total = [](day_verdict const& d) { return std::log(d.total / d.samples * d.expected + 1); };
    auto const median = [](std::vector<double> v) {
      std::sort(v.begin(), v.end());
      std::size_t const n = v.size();
      return n % 2 == 1 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
    };
    struct deviation {
      day_verdict* day;
      double log = 0, sigma = 0;
    };
    std::vector<deviation> all;
    std::map<std::pair<std::string, std::int32_t>, std::vector<double>> of_day;
    for (auto const& [kind, days] : kinds) {
      if (days.size() < o_.least_days) continue;
      std::vector<double> logs, off;
      for (day_verdict const* d : days) logs.push_back(log_total(*d));
      double const middle = median(logs);
      for (double const l : logs) off.push_back(std::abs(l - middle));
      double const sigma = std::max({1.4826 * median(off), 0.05, 1 / std::sqrt(std::exp(middle))});
      for (std::size_t i = 0; i < days.size(); ++i) {
        all.push_back({days[i], logs[i] - middle, sigma});
        of_day[{catalog_.key(days[i]->detector).source, days[i]->day}].push_back(logs[i] - middle);
      }
    }
    for (deviation const& d : all) {
      std::vector<double> const& others = of_day[{catalog_.key(d.day->detector).source, d.day->day}];
      double const common = others.size() >= 5 ? median(others) : 0;
      std::vector<double>
          apart;  // on some days detectors differ more than on others: a holiday is not the same everywhere
      for (double const l : others) apart.push_back(std::abs(l - common));
      double const scatter = others.size() >= 5 ? 1.4826 * median(apart) : 0;
      d.day->z = (d.log - common) / std::hypot(d.sigma, scatter);
      if (std::abs(d.day->z) < o_.doubtful_z) continue;
      bool const bad = std::abs(d.day->z) >= o_.bad_z;
      bilingual text = in_both("{:.0f} % of its usual total", "{:.0f} % do seu total habitual", 100 * std::exp(d.log));
      if (std::abs(common) > 0.1)
        text += in_both(" where others have {:.0f} %", " quando os outros têm {:.0f} %", 100 * std::exp(common));
      text += same_in_both(fmt::format(" (z = {:.1f})", d.day->z));
      d.day->verdict = std::max(d.day->verdict, bad ? count_verdict::kBad : count_verdict::kDoubtful);
      add_reason(*d.day, text, bad);
    }
  }

  void hollow_feeds() {
    struct slot {
      std::size_t n = 0, hollow = 0;
      std::int64_t end_ms = 0;
    };
    std::map<std::string, std::map<std::int64_t, slot>> feeds;
    for (count_record const& r : q_.records) {
      double const s = of_day_s(r);
      if (s < o_.window_begin_s || s >= o_.window_end_s) continue;
      slot& at = feeds[catalog_.key(r.series).source][r.begin_ms];
      ++at.n;
      at.end_ms = std::max(at.end_ms, r.end_ms());
      at.hollow += !(r.count > 0) ? 1U : 0U;
    }
    for (auto const& feed : feeds) {  // by names of its own: clang 14 captures no parts
      std::string const& source = feed.first;
      std::int64_t from = kNoTime, until = kNoTime;
      std::size_t periods = 0;
      auto const tell = [&] {
        if (periods >= 3 && until - from >= 15 * 60 * 1000) {
          q_.alarms.push_back(in_both("{}: hollow from {} to {}: every detector says 0 or nothing",
                                      "{}: vazio de {} a {}: todos os detetores dizem 0 ou nada", source,
                                      utc_text(from), utc_text(until)));
        }
        periods = 0;
      };
      for (auto const& [ms, s] : feed.second) {
        if (s.n >= 5 && s.hollow == s.n) {
          if (periods == 0) from = ms;
          until = s.end_ms;
          ++periods;
        } else if (s.n >= 5) {
          tell();
        }
      }
      tell();
    }
  }

  count_catalog const& catalog_;
  local_clock const& clock_;
  std::function<std::int32_t(std::uint32_t)> const& lanes_of_;
  quality_options const& o_;
  quality_report q_;
  std::map<std::string, std::pair<double, double>> windows_;  // of the day, by source
};

}  // namespace

day_verdict const* quality_report::find(std::uint32_t of_detector, std::int32_t on_day) const {
  auto const want = std::pair(of_detector, on_day);
  auto const at = std::lower_bound(days.begin(), days.end(), want, [](day_verdict const& d, auto const& k) {
    return std::pair(d.detector, d.day) < k;
  });
  return at != days.end() && at->detector == of_detector && at->day == on_day ? &*at : nullptr;
}

quality_report assess(std::vector<count_record> records, count_catalog const& catalog, local_clock const& clock,
                      std::function<std::int32_t(std::uint32_t)> const& lanes_of, quality_options const& o) {
  return assessor(std::move(records), catalog, clock, lanes_of, o).run();
}

void worsen(quality_report& q, std::uint32_t detector, std::int32_t day, count_verdict to, bilingual const& reason) {
  auto const key = std::pair(detector, day);
  auto const d = std::lower_bound(q.days.begin(), q.days.end(), key,
                                  [](day_verdict const& v, auto const& k) { return std::pair(v.detector, v.day) < k; });
  if (d == q.days.end() || d->detector != detector || d->day != day) return;
  bool const worst = to > d->verdict;
  d->verdict = std::max(d->verdict, to);
  add_reason(*d, reason, worst);
  if (to != count_verdict::kBad) return;
  auto i =
      static_cast<std::size_t>(std::lower_bound(q.detector.begin(), q.detector.end(), detector) - q.detector.begin());
  for (; i < q.detector.size() && q.detector[i] == detector; ++i) {
    if (q.day[i] == day) q.ok[i] = 0;
  }
}

}  // namespace gemeo
