SELECT
    offices.office AS office,
    offices.district AS district,
    offices.distance_km AS distance_km,
    CAST(
        offices.feed_number
        + COALESCE((
            SELECT SUM(devices.head_seq) FROM devices WHERE devices.office = offices.office
        ), 0)
        + COALESCE((
            SELECT SUM(ratings.number) FROM ratings WHERE ratings.office = offices.office
        ), 0)
        AS BIGINT
    ) AS counter,
    CAST(CASE WHEN counted.office IS NULL THEN 0 ELSE 1 END AS BIGINT) AS counted,
    COALESCE(counted.district, '') AS counted_district,
    COALESCE(counted.stamp, '') AS counted_stamp
FROM offices
LEFT JOIN office_figure_stamps AS counted ON counted.office = offices.office
ORDER BY offices.office
