"""Pictures and faces: reading, detecting, cropping, preprocessing, saving again."""
