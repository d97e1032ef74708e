"""WGS 84 to UTM on the northern hemisphere: Krueger's series to third order, millimetres inside a zone.

Source: Karney, "Transverse Mercator with an accuracy of a few nanometers", J. Geodesy 85 (2011), eqs. 7-9 and 35.
"""
import math

A, F = 6378137.0, 1 / 298.257223563
N = F / (2 - F)
RECTIFYING = A / (1 + N) * (1 + N**2 / 4 + N**4 / 64)
ALPHA = (N / 2 - 2 * N**2 / 3 + 5 * N**3 / 16, 13 * N**2 / 48 - 3 * N**3 / 5, 61 * N**3 / 240)
E = math.sqrt(F * (2 - F))


def forward(lat_deg, lon_deg, zone=29):
    """Easting and northing in m."""
    phi = math.radians(lat_deg)
    lam = math.radians(lon_deg - (zone * 6 - 183))
    tau = math.sinh(math.atanh(math.sin(phi)) - E * math.atanh(E * math.sin(phi)))
    xi, eta = math.atan2(tau, math.cos(lam)), math.asinh(math.sin(lam) / math.hypot(tau, math.cos(lam)))
    x = eta + sum(a * math.cos(2 * j * xi) * math.sinh(2 * j * eta) for j, a in enumerate(ALPHA, 1))
    y = xi + sum(a * math.sin(2 * j * xi) * math.cosh(2 * j * eta) for j, a in enumerate(ALPHA, 1))
    return 500000 + 0.9996 * RECTIFYING * x, 0.9996 * RECTIFYING * y


def inverse(x, y, zone=29):
    """Latitude and longitude in degrees: forward() inverted by Newton steps, a millionth of a metre."""
    lat, lon = y / 110600.0, zone * 6 - 183 + (x - 500000) / 87000.0
    for _ in range(20):
        h = 1e-6
        x0, y0 = forward(lat, lon, zone)
        xa, ya = forward(lat + h, lon, zone)
        xb, yb = forward(lat, lon + h, zone)
        a, b, c, d = (xa - x0) / h, (xb - x0) / h, (ya - y0) / h, (yb - y0) / h
        det = a * d - b * c
        dx, dy = x - x0, y - y0
        lat, lon = lat + (d * dx - b * dy) / det, lon + (a * dy - c * dx) / det
        if math.hypot(dx, dy) < 1e-6:
            break
    return lat, lon
