#include "sim/results/queue_sampler.h"

#include <algorithm>

namespace gemeo {

namespace {
constexpr float kSlow_mps = 5.0F / 3.6F;
constexpr float kGap_m = 30.0F;
}  // namespace

queue_sampler::queue_sampler(network const& net)
    : net_(net), now_(net.edge_count()), sum_m_(net.edge_count()), max_m_(net.edge_count()) {
  for (std::size_t i = 0; i < net.edge_count(); ++i) {
    if (net.is_normal(edge_id(i))) approaches_.push_back(edge_id(i));
  }
}

void queue_sampler::add(frame const& f) {
  slow_.clear();
  touched_.clear();
  for (std::size_t i = 0; i < f.size(); ++i) {
    if (f.speed_mps[i] >= kSlow_mps || !f.lane[i].valid() || !net_.is_normal(net_.lanes.edge[f.lane[i]])) continue;
    slow_.push_back({f.lane[i], std::max(0.0F, net_.lanes.length_m[f.lane[i]] - f.pos_m[i])});
  }
  std::sort(slow_.begin(), slow_.end());
  for (std::size_t i = 0; i < slow_.size();) {
    lane_id const lane = slow_[i].lane;
    float end = 0;
    bool joined = true;
    for (; i < slow_.size() && slow_[i].lane == lane; ++i) {
      joined = joined && slow_[i].from_end_m - end <= kGap_m;
      if (joined) end = slow_[i].from_end_m;
    }
    edge_id const e = net_.lanes.edge[lane];
    if (end <= now_[e.index()]) continue;
    if (now_[e.index()] == 0) touched_.push_back(e);
    now_[e.index()] = end;
  }
  for (edge_id const e : touched_) {
    sum_m_[e.index()] += static_cast<double>(now_[e.index()]);
    max_m_[e.index()] = std::max(max_m_[e.index()], now_[e.index()]);
    now_[e.index()] = 0;
  }
  ++samples_;
}

std::vector<queue_record> queue_sampler::take(double begin_s, double end_s) {
  std::vector<queue_record> out;
  if (samples_ > 0) {
    out.reserve(approaches_.size());
    for (edge_id const e : approaches_) {
      out.push_back({e, begin_s, end_s, static_cast<float>(sum_m_[e.index()] / static_cast<double>(samples_)),
                     max_m_[e.index()]});
    }
  }
  std::fill(sum_m_.begin(), sum_m_.end(), 0.0);
  std::fill(max_m_.begin(), max_m_.end(), 0.0F);
  samples_ = 0;
  return out;
}

}  // namespace gemeo
