-- SPDX-License-Identifier: EUPL-1.2
-- SPDX-FileCopyrightText: 2026 The greend authors

-- A domain as a whole is not split, so the uncertainty of its parts says nothing of their sum: that
-- of its meter stands in the row of the workload `unsplit`, beside the domain's energy in parts
-- (then with energy_uj 0) or in one piece. Up to version 1 the parts were as sure as the meter.

INSERT INTO workload (kind, unit, command, user, first_day_s, last_day_s)
SELECT 'unsplit', 'unsplit', '', '', min(begin_s), max(begin_s) FROM day_energy
WHERE NOT EXISTS (SELECT 1 FROM workload WHERE kind = 'unsplit')
GROUP BY 1;

UPDATE workload
SET first_day_s = min(first_day_s, (SELECT min(begin_s) FROM day_energy)),
    last_day_s = max(last_day_s, (SELECT max(begin_s) FROM day_energy))
WHERE kind = 'unsplit' AND EXISTS (SELECT 1 FROM day_energy);

INSERT INTO day_energy (begin_s, workload, domain, energy_uj, uncertainty_uj)
SELECT begin_s, (SELECT min(id) FROM workload WHERE kind = 'unsplit'), domain, 0,
       CASE WHEN count(*) = count(uncertainty_uj)
            THEN CAST(min(total(uncertainty_uj), 4e18) AS INTEGER) END
FROM day_energy JOIN workload AS w ON w.id = workload
WHERE w.kind <> 'unsplit'
GROUP BY begin_s, domain
ON CONFLICT (begin_s, workload, domain) DO UPDATE
SET uncertainty_uj = min(uncertainty_uj, 9223372036854775807 - excluded.uncertainty_uj)
                   + excluded.uncertainty_uj;

INSERT INTO hour_energy (begin_s, workload, domain, energy_uj, uncertainty_uj)
SELECT begin_s, (SELECT min(id) FROM workload WHERE kind = 'unsplit'), domain, 0,
       CASE WHEN count(*) = count(uncertainty_uj)
            THEN CAST(min(total(uncertainty_uj), 4e18) AS INTEGER) END
FROM hour_energy JOIN workload AS w ON w.id = workload
WHERE w.kind <> 'unsplit'
GROUP BY begin_s, domain
ON CONFLICT (begin_s, workload, domain) DO UPDATE
SET uncertainty_uj = min(uncertainty_uj, 9223372036854775807 - excluded.uncertainty_uj)
                   + excluded.uncertainty_uj;

INSERT INTO minute_energy (begin_s, workload, domain, energy_uj, uncertainty_uj)
SELECT begin_s, (SELECT min(id) FROM workload WHERE kind = 'unsplit'), domain, 0,
       CASE WHEN count(*) = count(uncertainty_uj)
            THEN CAST(min(total(uncertainty_uj), 4e18) AS INTEGER) END
FROM minute_energy JOIN workload AS w ON w.id = workload
WHERE w.kind <> 'unsplit'
GROUP BY begin_s, domain
ON CONFLICT (begin_s, workload, domain) DO UPDATE
SET uncertainty_uj = min(uncertainty_uj, 9223372036854775807 - excluded.uncertainty_uj)
                   + excluded.uncertainty_uj;
