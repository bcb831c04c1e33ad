"""A tokenizer of a few thousand pieces, learned from captions, in the format of the hub."""

from collections.abc import Iterable
from pathlib import Path

PAD, END = "<pad>", "<end>"


def write_tokenizer(sentences: Iterable[str], pieces: int, context: int, folder: Path) -> None:
    """Learn byte-level BPE from `sentences` and write tokenizer.json to `folder`.

    The end mark gets the last of the `pieces` numbers: open_clip's text tower looks for the
    highest. Bytes are pieces, so that any script can be read. `context` is the longest sentence.
    """
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers
    from transformers import PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFC(), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    trainer = trainers.BpeTrainer(
        vocab_size=pieces - 1,
        special_tokens=[PAD],
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator(sentences, trainer)
    tokenizer.add_special_tokens([END])
    last = tokenizer.token_to_id(END)
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"$A {END}", special_tokens=[(END, last)]
    )
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token=PAD, eos_token=END, model_max_length=context
    ).save_pretrained(folder)
