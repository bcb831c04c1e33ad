"""Draw people who don't exist: a folder of JPEG pictures a person, and a table with the truth."""

from facebench.logs import log_to, report_result
from facebench.people import write_people
from facebench.store.atomic import move_folder


def main(root, people=300, views=4, size=96, seed=0, first=0, threads=1, first_view=0):
    """Write `<root>/<identity>/<view>.jpg` and `<root>/people.parquet`.

    People first .. first + people - 1 of population `seed`, `views` pictures each from number
    `first_view` on, `size` pixels square. Ranges of people that don't overlap share nobody, ranges
    of views no picture. A killed run goes on where it was.
    """
    return write_people(root, people, views, size, seed, first, threads, first_view)


if __name__ == "__main__":
    log_to(snakemake.log[0])
    main(
        root=snakemake.params.work,
        people=snakemake.params.people,
        views=snakemake.params.views,
        size=snakemake.params.size,
        seed=snakemake.params.seed,
        first=snakemake.params.first,
        threads=snakemake.threads,
        first_view=snakemake.params.first_view,
    )
    move_folder(snakemake.params.work, snakemake.output[0])
    params = snakemake.params
    report_result(f"{params.people:,} people, {params.people * params.views:,} pictures")
